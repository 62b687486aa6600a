"""The bench itself, on a stack of its own: it measures, and leaves nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from nightreel.media.programs.binaries import find_binaries
from nightreel.places import PROJECT_ROOT
from tests.media.clips import Clip, Sound

_LIMIT_SECONDS = 300


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A temporary folder in which the path of a socket is not too long, as it is in pytest's."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.stack
@pytest.mark.timeout(_LIMIT_SECONDS)
def test_a_title_is_measured_against_ffmpeg_alone(tmp_path: Path, short_folder: Path) -> None:
    source, figures = tmp_path / "source.mp4", tmp_path / "figures.json"
    Clip(seconds=4.0, sounds=(Sound(seconds=4.0),)).write(source, find_binaries().ffmpeg)
    command = [sys.executable, "-m", "bench", "--pairs", "1", "--longer", "1", "--source", str(source)]
    done = subprocess.run(
        [*command, "--json", str(figures)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "PYTHONPATH": "include", "TMPDIR": str(short_folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads(figures.read_text())
    assert measured["encoding_cpu_ratio"]["middle"] > 0
    assert measured["wall_ratio"]["middle"] > 0
    assert not list(short_folder.iterdir())
