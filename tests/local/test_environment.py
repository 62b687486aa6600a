import json
from pathlib import Path

import pytest

from nightreel.local.addresses import StackAddresses
from nightreel.local.credentials import Credentials
from nightreel.local.environment import Project, settings_environment, stack_environment
from nightreel.local.home import Home
from nightreel.settings import load_settings

_KEYS = Credentials.generate()
_ADDRESSES = StackAddresses(
    airflow_url="http://127.0.0.1:18080",
    username="admin",
    password=_KEYS.admin_password,
    airflow_dsn="postgresql://postgres@/airflow?host=/srv/run",
    catalog_dsn="postgresql://postgres@/catalog?host=/srv/run",
    s3_endpoint="http://127.0.0.1:18333",
    bucket="nightreel",
    public_url="http://127.0.0.1:18333/nightreel",
    web_url="http://127.0.0.1:18090",
)
_PORTS = {"airflow": 18080, "worker_logs": 18793, "trigger_logs": 18794}


@pytest.fixture(autouse=True)
def _no_dotenv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NIGHTREEL_WORK_AREA", raising=False)


def _environment(home: Home) -> dict[str, str]:
    return stack_environment(home, _ADDRESSES, _PORTS, _KEYS, Project(), load_settings())


def test_the_bucket_and_the_catalog_are_the_stacks_own_whatever_the_user_has_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("R2_ACCOUNT_ID", "production")
    monkeypatch.setenv("R2_BUCKET_NAME", "production")
    monkeypatch.setenv("NIGHTREEL_CATALOG_DSN", "postgresql://production")
    environment = _environment(Home(Path("/srv")))
    assert "production" not in environment.values()
    assert environment["R2_ENDPOINT_URL"] == _ADDRESSES.s3_endpoint
    assert environment["NIGHTREEL_CATALOG_DSN"] == _ADDRESSES.catalog_dsn


def test_other_settings_of_the_user_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTREEL_PRESET", "slow")
    monkeypatch.setenv("NIGHTREEL_WORK_AREA", "s3://work/here")
    environment = _environment(Home(Path("/srv")))
    assert environment["NIGHTREEL_PRESET"] == "slow"
    assert environment["NIGHTREEL_WORK_AREA"] == "s3://work/here"


def test_the_work_area_and_the_reports_are_in_the_home() -> None:
    variables = settings_environment(Home(Path("/srv")), _ADDRESSES, _KEYS, load_settings())
    assert variables["NIGHTREEL_WORK_AREA"] == "/srv/work"
    assert variables["NIGHTREEL_REPORTS"] == "/srv/reports"


def test_settings_of_another_airflow_do_not_reach_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", "elsewhere")
    monkeypatch.setenv("AIRFLOW_CONN_ELSEWHERE", "elsewhere")
    assert "elsewhere" not in _environment(Home(Path("/srv"))).values()


def test_every_process_carries_the_mark_of_its_home(tmp_path: Path) -> None:
    assert _environment(Home(tmp_path))["NIGHTREEL_STACK"] == str(tmp_path)


def test_the_bucket_connection_is_as_r2_needs_it() -> None:
    connection = json.loads(_environment(Home(Path("/srv")))["AIRFLOW_CONN_NIGHTREEL_BUCKET"])
    assert connection["conn_type"] == "aws"
    assert connection["extra"]["endpoint_url"] == _ADDRESSES.s3_endpoint
    assert connection["extra"]["config_kwargs"]["request_checksum_calculation"] == "when_required"


def test_players_get_their_keys_from_the_stacks_own_web_app_also_on_airflows_pages() -> None:
    variables = settings_environment(Home(Path("/srv")), _ADDRESSES, _KEYS, load_settings())
    assert variables["NIGHTREEL_KEY_URI"] == "http://127.0.0.1:18090/keys/{key_id}"
    assert variables["NIGHTREEL_WEB_ORIGINS"] == _ADDRESSES.airflow_url


def test_content_keys_have_a_secret_unless_the_user_gave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = settings_environment(Home(Path("/srv")), _ADDRESSES, _KEYS, load_settings())
    assert variables["NIGHTREEL_KEY_SECRET"] == _KEYS.key_secret
    monkeypatch.setenv("NIGHTREEL_KEY_SECRET", "of-the-user")
    own = settings_environment(Home(Path("/srv")), _ADDRESSES, _KEYS, load_settings())
    assert "NIGHTREEL_KEY_SECRET" not in own
