from secrets import token_hex

import pytest
from cryptography.fernet import Fernet

from nightreel.catalog import Catalog
from nightreel.storage.bucket import Bucket
from tests.catalog.conftest import Database
from tests.cli.conftest import Run

KEY_URI = "https://api.example.com/keys/{key_id}"
SECRET = Fernet.generate_key().decode()


def line_of(output: str, part: str) -> str:
    (line,) = [line for line in output.splitlines() if line[7:].startswith(part)]
    return line


def test_what_is_as_it_must_be_is_told(run: Run, catalog: Catalog, files_bucket: Bucket) -> None:
    told = run("check").stdout
    assert line_of(told, "settings").startswith("ok ")
    assert line_of(told, "mapping") == "ok     mapping: movie in movies, episode in episodes"
    assert line_of(told, "catalog").startswith("ok ")
    assert line_of(told, "bucket").startswith(f"ok     bucket: {files_bucket.name} ")
    assert line_of(told, "ladder") == "ok     ladder: 240p 360p 480p 720p 1080p 1440p 2160p"
    assert "ffmpeg version" in line_of(told, "programs")


def test_nothing_is_left_in_the_bucket(run: Run, catalog: Catalog, files_bucket: Bucket) -> None:
    run("check")
    assert list(files_bucket.list("")) == []


def test_what_is_wrong_is_told_with_its_cure_and_the_rest_is_checked_all_the_same(
    run: Run, catalog: Catalog, files_bucket: Bucket, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.query("ALTER TABLE movies DROP COLUMN dash_url")
    monkeypatch.setenv("NIGHTREEL_FFPROBE", "no-such-program")
    result = run("check")
    assert result.exit_code == 1
    assert line_of(result.stdout, "mapping").startswith("wrong ")
    assert "table movies has no column dash_url" in result.stdout
    assert "NIGHTREEL_FFPROBE=no-such-program" in line_of(result.stdout, "programs")
    assert "NIGHTREEL_AIRFLOW_URL" in line_of(result.stdout, "Airflow")
    assert line_of(result.stdout, "bucket").startswith("ok ")
    assert result.stderr == "To be fixed: mapping, programs, Airflow\n"


def test_a_table_that_would_refuse_what_publishing_writes_is_found(
    run: Run, catalog: Catalog, files_bucket: Bucket, database: Database
) -> None:
    database.query("ALTER TABLE movies ALTER hls_url TYPE varchar(20)")
    result = run("check")
    assert line_of(result.stdout, "mapping").startswith("wrong ")
    assert "column hls_url of movies, mapped as hls_url, is character varying(20)" in result.stdout


def test_a_public_url_that_does_not_serve_the_bucket_is_found(
    run: Run, catalog: Catalog, files_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("R2_PUBLIC_URL", f"{files_bucket.public_url}-of-another")
    line = line_of(run("check").stdout, "bucket")
    assert line.startswith("wrong ")
    assert "correct R2_PUBLIC_URL" in line


@pytest.mark.parametrize(("name", "is_public"), [("work-{}", False), ("media-{}", True)])
def test_a_work_area_that_everyone_reads_is_found_by_whatever_name(
    run: Run,
    catalog: Catalog,
    files_bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    is_public: bool,
) -> None:
    area = Bucket(files_bucket._client, name.format(token_hex(6)), "")
    area.ensure_exists()
    monkeypatch.setenv("NIGHTREEL_WORK_AREA", f"s3://{area.name}/runs")
    line = line_of(run("check").stdout, "work area")
    assert line.startswith("wrong " if is_public else "ok ")
    assert ("private bucket" in line) is is_public
    assert list(area.list("")) == []


def test_a_bucket_that_does_not_exist_is_found(
    run: Run, catalog: Catalog, files_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("R2_BUCKET_NAME", "media-nowhere")
    line = line_of(run("check").stdout, "bucket")
    assert line.startswith("wrong ")
    assert "correct R2_BUCKET_NAME" in line


def test_a_missing_schema_is_found_and_made_on_request(
    run: Run, demo_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_CATALOG_DSN", demo_dsn)
    assert "nightreel check --migrate" in line_of(run("check").stdout, "catalog")
    assert line_of(run("check", "--migrate").stdout, "catalog").startswith("ok ")


def test_titles_in_the_clear_need_no_secret(run: Run, catalog: Catalog, files_bucket: Bucket) -> None:
    assert line_of(run("check").stdout, "encryption").startswith("ok     encryption: off")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"KEY_URI": KEY_URI}, "NIGHTREEL_KEY_SECRET is not set"),
        ({"KEY_URI": KEY_URI, "KEY_SECRET": "hunter2"}, "NIGHTREEL_KEY_SECRET must be Fernet keys"),
        ({"KEY_SECRET": SECRET}, "NIGHTREEL_KEY_URI is not set"),
        ({"KEY_SECRET": SECRET, "KEY_URI": "https://keys.example/one"}, "must contain {key_id}"),
        ({"KEY_SECRET": SECRET, "KEY_URI": 'https://keys.example/"{key_id}'}, "a blank or a quotation mark"),
        (
            {
                "KEY_SECRET": SECRET,
                "KEY_URI": KEY_URI,
                "PROTECTION_SYSTEMS": "fairplay",
                "FAIRPLAY_KEY_URI": "skd://one",
            },
            "NIGHTREEL_FAIRPLAY_KEY_URI must contain {key_id}",
        ),
    ],
)
def test_what_encryption_lacks_is_told_with_the_cure(
    run: Run,
    catalog: Catalog,
    files_bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    told: str,
) -> None:
    for name, value in ({"ENCRYPT": "true"} | variables).items():
        monkeypatch.setenv(f"NIGHTREEL_{name}", value)
    output = run("check").stdout
    line = line_of(output, "encryption")
    assert line.startswith("wrong ")
    assert told in line
    assert "hunter2" not in output


@pytest.mark.parametrize(("encrypt", "told"), [("true", "are encrypted"), ("false", "are in the clear")])
def test_where_keys_are_to_be_had_is_told(
    run: Run,
    catalog: Catalog,
    files_bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    encrypt: str,
    told: str,
) -> None:
    monkeypatch.setenv("NIGHTREEL_ENCRYPT", encrypt)
    monkeypatch.setenv("NIGHTREEL_KEY_SECRET", SECRET)
    monkeypatch.setenv("NIGHTREEL_KEY_URI", KEY_URI)
    output = run("check").stdout
    line = line_of(output, "encryption")
    assert line.startswith(f"ok     encryption: players get keys at {KEY_URI}")
    assert line.endswith(told)
    assert SECRET not in output
