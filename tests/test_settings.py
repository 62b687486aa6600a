from pathlib import Path

import pytest

from nightreel.errors import ConfigurationError
from nightreel.settings import Settings, load_settings, settings

_SECRET = "hunter2-and-more"
_SECRETS = {
    "R2_ACCESS_KEY_ID": "r2_access_key_id",
    "R2_SECRET_ACCESS_KEY": "r2_secret_access_key",
    "NIGHTREEL_CATALOG_DSN": "catalog_dsn",
    "NIGHTREEL_AIRFLOW_PASSWORD": "airflow_password",
    "NIGHTREEL_KEY_SECRET": "key_secret",
    "NIGHTREEL_TOKEN_SECRET": "token_secret",
    "NIGHTREEL_WEBHOOK_URLS": "webhook_urls",
    "NIGHTREEL_WEBHOOK_SECRET": "webhook_secret",
    "NIGHTREEL_APPRISE_URLS": "apprise_urls",
    "NIGHTREEL_CLOUDFLARE_API_TOKEN": "cloudflare_api_token",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the variables nor the `.env` of this machine are read."""
    for name, field in Settings.model_fields.items():
        monkeypatch.delenv(str(field.validation_alias or f"NIGHTREEL_{name.upper()}"), raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_need_be_set() -> None:
    assert load_settings().backlog_schedule == "0 1 * * *"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NIGHTREEL_SEGMENT_SECONDS", "7"),
        ("NIGHTREEL_KEYFRAME_SECONDS", "2.1"),
        ("NIGHTREEL_ENCODE_SLOTS", "0"),
        ("NIGHTREEL_RETRIES", "many"),
        ("NIGHTREEL_PRESET", "quick"),
        ("NIGHTREEL_CONTAINER", "avi"),
        ("NIGHTREEL_TIME_ZONE", "Berlin"),
        ("NIGHTREEL_TIME_ZONE", "/etc/passwd"),
        ("NIGHTREEL_BACKLOG_MAX_SOURCE_HOURS", "-1"),
        ("R2_PUBLIC_URL", "media.example.com"),
        ("R2_ENDPOINT_URL", "ftp://s3.example.com"),
        ("NIGHTREEL_AIRFLOW_URL", "airflow.example.com"),
        ("NIGHTREEL_CLOUDFLARE_ZONE_ID", "example.com"),
    ],
)
def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"wrong settings: {variable}: ")


def test_all_wrong_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTREEL_RETRIES", "many")
    monkeypatch.setenv("R2_PUBLIC_URL", "media.example.com")
    with pytest.raises(ConfigurationError, match=r"R2_PUBLIC_URL: .*NIGHTREEL_RETRIES: "):
        load_settings()


def test_a_secret_that_was_put_into_the_wrong_variable_is_not_in_the_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("R2_ENDPOINT_URL", _SECRET)
    monkeypatch.setenv("NIGHTREEL_UPLOAD_SLOTS", _SECRET)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert _SECRET not in str(caught.value)
    assert _SECRET not in repr(caught.value)


@pytest.mark.parametrize("variable", _SECRETS)
def test_a_secret_is_in_no_representation_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, _SECRET)
    loaded = load_settings()
    assert getattr(loaded, _SECRETS[variable]).get_secret_value() == _SECRET
    for text in (str(loaded), repr(loaded), loaded.model_dump_json(), str(loaded.model_dump())):
        assert _SECRET not in text


def test_every_setting_that_sounds_secret_is_one() -> None:
    sounding = {
        name
        for name in Settings.model_fields
        if any(word in name for word in ("secret", "password", "token", "dsn", "key_id", "hook", "apprise"))
        and not name.endswith("_seconds")
    }
    assert sounding == set(_SECRETS.values())


def test_the_env_file_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("R2_BUCKET_NAME=from-file\nNIGHTREEL_RETRIES=7\nUNKNOWN=1\n")
    monkeypatch.setenv("NIGHTREEL_RETRIES", "2")
    loaded = load_settings()
    assert (loaded.r2_bucket_name, loaded.retries) == ("from-file", 2)


def test_hosts_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTREEL_ALLOWED_HOSTS", " A.example.com, ,b.example.com,")
    assert load_settings().allowed_hosts == ("a.example.com", "b.example.com")


def test_the_endpoint_is_that_of_the_account_unless_another_is_named() -> None:
    assert load_settings(r2_account_id="abc").endpoint_url == "https://abc.r2.cloudflarestorage.com"
    named = load_settings(r2_account_id="abc", r2_endpoint_url="https://s3.example.com/")
    assert named.endpoint_url == "https://s3.example.com"
    assert load_settings().endpoint_url == ""


def test_settings_cannot_be_changed_behind_the_back_of_others() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().retries = 5  # type: ignore[misc]


def test_settings_are_read_once_per_process(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.cache_clear()
    try:
        first = settings()
        monkeypatch.setenv("NIGHTREEL_RETRIES", "9")
        assert settings() is first
    finally:
        settings.cache_clear()


@pytest.mark.parametrize("seconds", ["1.99", "6.01", "nan", "inf"])
def test_a_segment_is_two_to_six_seconds(monkeypatch: pytest.MonkeyPatch, seconds: str) -> None:
    monkeypatch.setenv("NIGHTREEL_SEGMENT_SECONDS", seconds)
    with pytest.raises(ConfigurationError, match="NIGHTREEL_SEGMENT_SECONDS"):
        load_settings()


@pytest.mark.parametrize("area", ["/srv/films, new", "/srv/films=new", "/srv/films%d", "/srv/$Number$"])
def test_a_work_area_that_the_packagers_could_not_name_is_refused(
    area: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_WORK_AREA", area)
    with pytest.raises(ConfigurationError, match="NIGHTREEL_WORK_AREA"):
        load_settings()


@pytest.mark.parametrize("area", ["s3://media", "s3://media/", "s3://media/work", "s3://media/a/b"])
@pytest.mark.parametrize(
    "variables",
    [
        {"R2_BUCKET_NAME": "media", "R2_PUBLIC_URL": "https://cdn.example"},
        # Other names of what R2_PUBLIC_URL serves.
        {
            "R2_BUCKET_NAME": "streams",
            "R2_PUBLIC_URL": "http://s3.example:8333/media",
            "R2_ENDPOINT_URL": "http://s3.example:8333",
        },
        {
            "R2_BUCKET_NAME": "streams",
            "R2_PUBLIC_URL": "https://media.s3.example/films",
            "R2_ENDPOINT_URL": "https://s3.example",
        },
        {
            "R2_BUCKET_NAME": "streams",
            "R2_PUBLIC_URL": "https://0a1b.r2.cloudflarestorage.com/media",
            "R2_ACCOUNT_ID": "0a1b",
        },
    ],
)
def test_a_work_area_in_the_bucket_that_everyone_reads_is_refused(
    area: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NIGHTREEL_WORK_AREA", area)
    with pytest.raises(ConfigurationError, match=r"NIGHTREEL_WORK_AREA.*'media'.*private bucket"):
        load_settings()
    for private in ("s3://media-work/area", "s3://work/media", "/srv/media"):
        monkeypatch.setenv("NIGHTREEL_WORK_AREA", private)
        assert load_settings().work_area == private
