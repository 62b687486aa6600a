"""What is installed is, byte for byte, what was pinned."""

import re
import tomllib

import pytest

from nightreel.places import PROJECT_ROOT

_FILES = ("requirements.txt", "requirements-dev.txt")
_PIN = re.compile(r"^\S+==\S+(?P<rest>(?:.*\\\n)*.*)", re.MULTILINE)
_DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text()
_INSTALLERS = {"Dockerfile": _DOCKERFILE, "Makefile": (PROJECT_ROOT / "Makefile").read_text()}

# Installing from a file of requirements; the editable project itself has no hash.
_FROM_A_FILE = re.compile(r"(?:pip install|\$\(INSTALL\)) .*(?:-r|--requirement) .*")
_EDITABLE = re.compile(r"(?:pip install|\$\(INSTALL\)) .*(?:-e|--editable) .*")


@pytest.mark.parametrize("name", _FILES)
def test_every_requirement_has_the_hashes_of_its_files(name: str) -> None:
    pins = list(_PIN.finditer((PROJECT_ROOT / name).read_text()))
    assert pins
    assert [pin[0] for pin in pins if "--hash=sha256:" not in pin["rest"]] == []


@pytest.mark.parametrize("name", _INSTALLERS)
def test_what_has_no_hash_is_not_installed(name: str) -> None:
    lines = _FROM_A_FILE.findall(_INSTALLERS[name])
    assert lines
    assert [line for line in lines if "--require-hashes" not in line] == []


def test_pip_installs_the_pinned_release_of_what_another_package_wants_with_an_extra() -> None:
    # `celery[redis]` of a provider is to pip another requirement than the pinned celery, and has no hash.
    assert [line for line in _FROM_A_FILE.findall(_DOCKERFILE) if "--no-deps" not in line] == []


@pytest.mark.parametrize("name", _INSTALLERS)
def test_the_project_itself_brings_nothing_that_is_not_pinned(name: str) -> None:
    lines = _EDITABLE.findall(_INSTALLERS[name])
    assert lines
    assert [line for line in lines if not {"--no-deps", "--no-build-isolation"} <= set(line.split())] == []


def test_the_program_that_builds_the_project_is_pinned_with_the_rest() -> None:
    backend = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    pinned = {pin[0].split()[0] for pin in _PIN.finditer((PROJECT_ROOT / "requirements.txt").read_text())}
    assert set(backend) <= pinned


def test_compiling_them_again_keeps_hashes_and_every_python_that_is_supported() -> None:
    compiled = re.findall(r"pip compile .*", _INSTALLERS["Makefile"])
    assert len(compiled) == len(_FILES)
    assert all("--generate-hashes" in line and "--universal" in line for line in compiled)


def test_no_cache_of_an_installer_stays_in_a_layer_of_the_image() -> None:
    steps = re.findall(r"^RUN (?:.*\\\n)*.*", _DOCKERFILE, re.MULTILINE)
    for step in steps:
        assert step.count("pip install") == step.count("--no-cache-dir")
        assert "nightreel.web.packages" not in step or "rm -rf ~/.npm" in step
