"""The command line, pointed at a catalog and a bucket of each test's own by its environment alone."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nightreel.catalog import Catalog, Claim, load_mapping
from nightreel.cli import app
from nightreel.cli.deployment import current
from nightreel.deployment import Deployment
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import RESULT, Database
from tests.fixtures_object_store import bucket, bucket_settings, object_store, s3_client

__all__ = ["bucket", "bucket_settings", "object_store", "s3_client"]

MAPPING = Path(__file__).parents[2] / "config" / "catalog.yaml"
LEASE = timedelta(minutes=15)

FTYP = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
"""What an MP4 begins with (ISO/IEC 14496-12, section 4.3)."""

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env, no stack, and none of the developer's own settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NIGHTREEL_HOME", str(tmp_path / "home"))
    for name in ("NIGHTREEL_CATALOG_DSN", "NIGHTREEL_AIRFLOW_URL", "NIGHTREEL_PRESET", "R2_BUCKET_NAME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run() -> Run:
    """Runs `nightreel` with these arguments."""
    return lambda *arguments: CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def catalog(demo_dsn: str, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """The catalog that the command line works on."""
    monkeypatch.setenv("NIGHTREEL_CATALOG_DSN", demo_dsn)
    catalog = Catalog.from_dsn(demo_dsn, load_mapping(MAPPING))
    catalog.schema.migrate()
    return catalog


@pytest.fixture
def database(demo_dsn: str) -> Database:
    return Database(demo_dsn)


@pytest.fixture
def files_bucket(bucket: Bucket, bucket_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """The bucket that the command line works on."""
    monkeypatch.setenv("R2_ENDPOINT_URL", bucket_settings.r2_endpoint_url)
    monkeypatch.setenv("R2_ACCESS_KEY_ID", bucket_settings.r2_access_key_id.get_secret_value())
    monkeypatch.setenv("R2_SECRET_ACCESS_KEY", bucket_settings.r2_secret_access_key.get_secret_value())
    monkeypatch.setenv("R2_BUCKET_NAME", bucket_settings.r2_bucket_name)
    monkeypatch.setenv("R2_PUBLIC_URL", bucket_settings.r2_public_url)
    return bucket


@pytest.fixture
def place(catalog: Catalog, files_bucket: Bucket) -> Deployment:
    return current()


@pytest.fixture
def movie(tmp_path: Path) -> Callable[[str], Path]:
    """A file of this name. What is in it matters to no command here, but for its first bytes."""

    def write(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(FTYP + b"a film, as far as the command line knows: " + name.encode())
        return path

    return write


def claim(catalog: Catalog, title: Title) -> Claim:
    answer = catalog.claims.one(title, "run-1", LEASE)
    assert isinstance(answer, Claim), answer
    return answer


def add(catalog: Catalog, title: Title, name: str = "A film") -> Title:
    catalog.titles.add(title, name, f"sources/{title.content_id}.mp4")
    return title


def publish(catalog: Catalog, title: Title) -> None:
    with catalog.publications.holding(claim(catalog, title)) as publication:
        publication.complete(RESULT)


def quarantine(catalog: Catalog, title: Title, sentence: str = "The file ends early.") -> None:
    catalog.verdicts.quarantine(claim(catalog, title), "truncated", sentence)
