"""`.env.example` is complete, says what each variable is, and tells the truth about defaults."""

import shutil
from pathlib import Path

import pytest

from nightreel.places import PROJECT_ROOT
from nightreel.settings import load_settings
from tests.deploy import compose
from tests.deploy.test_compose import setting_variables

_NAMES = [variable.name for variable in compose.example()]

_LIMITED = (
    "POSTGRES", "REDIS", "INIT", "APISERVER", "SCHEDULER", "DAG_PROCESSOR", "WORKER", "TRIGGERER", "WEB",
    "FLOWER", "PROXY", "LOCAL_BUCKET",
)  # fmt: skip

# docker-compose.yaml reads these itself; all others are settings of Nightreel.
_COMPOSE_ONLY = {
    "POSTGRES_PASSWORD", "REDIS_PASSWORD", "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__CELERY__WORKER_CONCURRENCY", "_AIRFLOW_WWW_USER_USERNAME",
    "_AIRFLOW_WWW_USER_PASSWORD", "AIRFLOW_PORT", "WEB_PORT", "FLOWER_PORT", "LOCAL_BUCKET_PORT",
    "AIRFLOW_IMAGE", "POSTGRES_IMAGE", "REDIS_IMAGE", "LOCAL_BUCKET_IMAGE", "PROXY_IMAGE",
    "BIND_ADDRESS", "PROXY_HOST", "ACME_EMAIL", "ACME_SERVER", "PROXY_ADDRESS",
    *(f"{name}_{limit}" for name in _LIMITED for limit in ("MEMORY", "CPUS")),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_variables_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in setting_variables():
        monkeypatch.delenv(name, raising=False)


def test_every_setting_is_there_and_nothing_that_nobody_reads() -> None:
    assert set(_NAMES) == setting_variables() | _COMPOSE_ONLY


def test_no_variable_is_there_twice() -> None:
    assert len(_NAMES) == len(set(_NAMES))


@pytest.mark.parametrize("variable", compose.example(), ids=_NAMES)
def test_every_variable_has_a_line_that_explains_it(variable: compose.ExampleVariable) -> None:
    # A pair of a name and a password shares one line.
    assert len(variable.explanation) > 10


def test_a_copy_gives_valid_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(PROJECT_ROOT / ".env.example", tmp_path / ".env")
    monkeypatch.chdir(tmp_path)
    assert load_settings() == load_settings(_env_file=None)


def test_the_defaults_that_it_shows_are_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (PROJECT_ROOT / ".env.example").read_text().splitlines()
    uncommented = [line[1:] if line.startswith(("#NIGHTREEL_", "#R2_")) else line for line in lines]
    (tmp_path / ".env").write_text("\n".join(uncommented))
    monkeypatch.chdir(tmp_path)
    shown, real = load_settings().model_dump(), load_settings(_env_file=None).model_dump()
    different = {name for name in real if str(shown[name]) != str(real[name])}
    # Paths are shown from the project's root, where a person starts the command line.
    assert different == {"catalog_mapping", "ladder", "work_area", "reports", "stream_area"}
    for name in different:
        assert PROJECT_ROOT / str(shown[name]) == Path(str(real[name]))


def test_it_holds_no_secret() -> None:
    secrets = [v for v in compose.example() if v.name.endswith(("PASSWORD", "SECRET", "_KEY", "KEY_ID"))]
    assert len(secrets) == 12
    assert all(variable.value == "" for variable in secrets)
