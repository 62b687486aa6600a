"""The wheel has all that Nightreel needs of its project, and works without it."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from nightreel.places import PROJECT_ROOT

Program = Callable[..., str]

_TELL = """
import json
from nightreel.catalog import load_mapping
from nightreel.local.environment import Project
from nightreel.local.home import Home
from nightreel.media.planning.ladder import load_ladder
from nightreel.settings import load_settings
home = Home.from_environment().root
options = load_settings()
print(json.dumps({
    "types": list(load_mapping(options.catalog_mapping).content_types),
    "rungs": len(load_ladder(options.ladder).rungs),
    "ours": list(map(str, (options.catalog_mapping, options.ladder, Project().dags, Project().plugins))),
    "kept": list(map(str, (options.work_area, options.reports, options.stream_area, home))),
}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as an installer lays it out."""
    built, site = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", built],
        cwd=PROJECT_ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


@pytest.fixture
def python(installed: Path, tmp_path: Path) -> Program:
    """Python where this wheel and its requirements are installed, and the project is nowhere."""
    packages = os.pathsep.join([str(installed), sysconfig.get_path("purelib")])
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "PYTHONPATH": packages}

    def run(*arguments: str) -> str:
        # -S: the .pth file of the editable installation would lead back to the project.
        return subprocess.run(
            [sys.executable, "-S", *arguments],
            cwd=tmp_path,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    return run


def test_the_command_line_starts_from_the_wheel(python: Program) -> None:
    assert "nightreel demo" in python("-c", "from nightreel.cli import app; app(['--help'])")


def test_the_mapping_the_ladder_and_the_dags_come_with_the_wheel(python: Program, installed: Path) -> None:
    told = json.loads(python("-c", _TELL))
    assert (told["types"], told["rungs"]) == (["movie", "episode"], 7)
    for path in map(Path, told["ours"]):
        assert path.is_relative_to(installed)
        shipped = {each.name for each in path.iterdir() if each.is_file()} if path.is_dir() else {path.name}
        source = PROJECT_ROOT / path.relative_to(installed / "nightreel")
        kept = {each.name for each in source.iterdir() if each.is_file()} if source.is_dir() else {path.name}
        assert shipped == kept


def test_what_is_kept_lies_in_the_users_own_folder(python: Program, tmp_path: Path) -> None:
    folder = tmp_path / "home" / ".local" / "state" / "nightreel"
    told = json.loads(python("-c", _TELL))
    assert [Path(path).relative_to(folder) for path in told["kept"]] == [
        Path("work"),
        Path("reports"),
        Path("streams"),
        Path(),
    ]
