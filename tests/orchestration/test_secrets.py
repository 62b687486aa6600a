"""What nobody may read in a log, in Airflow's database or in the bucket."""

import re
from pathlib import Path
from secrets import token_hex

import pytest
from airflow.utils.session import create_session
from sqlalchemy import text

from nightreel.orchestration.connections import open_catalog, open_client
from nightreel.storage.client import client_from_settings
from nightreel.vocabulary.layout import release_prefix
from nightreel.vocabulary.release import MANIFEST
from tests.orchestration.installation import Installation, with_reports
from tests.orchestration.runs import convert

SIGNATURE = re.compile(r"X-Amz-Signature=([0-9a-f]{64})")

# Where Airflow keeps what it is given, shows what it rendered, and notes what happened.
TABLES = ("xcom", "rendered_task_instance_fields", "task_state_store", "log", "dag_run", "serialized_dag")


@pytest.fixture
def signed_url(installation: Installation, film: Path) -> str:
    """A source that is read over HTTP, by whoever knows the signature in its URL."""
    client, elsewhere = client_from_settings(installation.settings), f"other-{token_hex(6)}"
    client.create_bucket(Bucket=elsewhere)
    client.upload_file(str(film), elsewhere, "film.mp4")
    return client.generate_presigned_url(
        "get_object", Params={"Bucket": elsewhere, "Key": "film.mp4"}, ExpiresIn=3600
    )


def airflow_rows(table: str) -> str:
    with create_session() as session:
        return "\n".join(str(row) for row in session.execute(text(f"SELECT * FROM {table}")))


def test_a_conversion_tells_no_secret(
    installation: Installation,
    signed_url: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    title = installation.add_movie(50, signed_url)
    capfd.readouterr()
    with with_reports():
        run = convert(title)
    assert run.state == "success"
    signature = SIGNATURE.search(signed_url)
    assert signature
    secrets = (*installation.secrets, signature[1])
    assert all(len(secret) > 12 for secret in secrets)

    written = capfd.readouterr()
    release = installation.conversion(title)["release"]
    manifest = installation.bucket.get_bytes(release_prefix(title, release) + MANIFEST)
    assert manifest is not None
    reports = installation.settings.reports / "movie" / "50" / release
    places = {
        "standard output": written.out,
        "standard error": written.err,
        "log records": "\n".join(record.getMessage() for record in caplog.records),
        "release.json": manifest.decode(),
        "report": "\n".join(page.read_text() for page in reports.rglob("*.html")),
        **{table: airflow_rows(table) for table in TABLES},
    }
    # Else nothing was searched.
    assert "published movie 50" in places["log records"]
    for table in ("xcom", "rendered_task_instance_fields"):
        assert run.id in places[table]
    assert "segments" in places["report"]
    told = [place for place, content in places.items() for secret in secrets if secret in content]
    assert told == []


def nightreel_rows(installation: Installation) -> dict[str, str]:
    """What Nightreel's own tables hold, but for `conversions`, which keeps the URL that was claimed."""
    tables = installation.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'nightreel'"
    )
    names = [row["table_name"] for row in tables if row["table_name"] != "conversions"]
    return {
        name: "\n".join(row["t"] for row in installation.query(f"SELECT t::text FROM nightreel.{name} t"))
        for name in names
    }


def test_why_a_title_failed_tells_no_secret(
    installation: Installation,
    signed_url: str,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    gone = signed_url.replace("film.mp4", "gone.mp4")
    title = installation.add_movie(51, gone)
    run = convert(title)
    conversion = installation.conversion(title)
    assert conversion["state"] == "quarantined"
    signature = SIGNATURE.search(gone)
    assert signature
    places = {
        "reason": conversion["reason"],
        "output": "".join(capfd.readouterr()),
        "log": caplog.text,
        **{table: airflow_rows(table) for table in TABLES},
        **nightreel_rows(installation),
    }
    assert run.id in places["xcom"]
    assert "gone.mp4" in places["reason"]
    assert "gone.mp4" in places["events"]
    told = {
        place
        for place, content in places.items()
        for secret in (*installation.secrets, signature[1])
        if secret in content
    }
    assert told == set()


def test_the_connections_are_what_the_tasks_connect_with(installation: Installation) -> None:
    """Else the secrets above would be those of something that is not used."""
    assert open_catalog(installation.settings).titles.status() == installation.catalog.titles.status()
    names = [bucket["Name"] for bucket in open_client(installation.settings).list_buckets()["Buckets"]]
    assert installation.bucket.name in names
