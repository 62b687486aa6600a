"""Nightreel on a catalog and a bucket of its own, set up as a deployment is: by variables."""

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extras import RealDictCursor

from nightreel.catalog import Catalog, create_demo_tables, load_mapping
from nightreel.places import PROJECT_ROOT
from nightreel.settings import Settings, settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from nightreel.storage.objects import ObjectInfo
from nightreel.vocabulary.layout import release_prefix, title_prefix
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from tests.conftest import run_sql
from tests.object_store_server import ObjectStoreAddress

SHIPPED_LADDER = PROJECT_ROOT / "config" / "ladder.yaml"
CATALOG_PASSWORD = "the-catalogs-own-password"
"""The server trusts its socket and does not ask for it; it is there to be looked for."""

AIRFLOW_PASSWORD = "the-command-lines-password"


@dataclass(frozen=True)
class Installation:
    """The user's own hands on the database and the bucket."""

    dsn: str
    catalog: Catalog
    bucket: Bucket
    settings: Settings

    @property
    def secrets(self) -> tuple[str, ...]:
        return (
            CATALOG_PASSWORD,
            AIRFLOW_PASSWORD,
            self.settings.r2_secret_access_key.get_secret_value(),
        )

    @property
    def work_area(self) -> Path:
        return Path(self.settings.work_area)

    def query(self, statement: str, *values: object) -> list[dict[str, Any]]:
        return query(self.dsn, statement, *values)

    def add_movie(self, content_id: int, source: Path | str | None) -> Title:
        """A movie whose source is a file, put into the bucket, or whatever URL is given."""
        url = source
        if isinstance(source, Path):
            url = f"sources/{content_id}.mp4"
            self.bucket.put_file(source, url, "video/mp4", "no-store")
        self.query(
            "INSERT INTO movies (id, title, video_url) VALUES (%s, %s, %s)",
            content_id,
            f"Movie {content_id}",
            url,
        )
        return Title("movie", str(content_id))

    def movie(self, title: Title) -> dict[str, Any]:
        (row,) = self.query("SELECT * FROM movies WHERE id = %s", int(title.content_id))
        return row

    def conversion(self, title: Title) -> dict[str, Any]:
        (row,) = self.query(
            "SELECT * FROM nightreel.conversions WHERE content_type = %s AND content_id = %s",
            title.content_type,
            title.content_id,
        )
        return row

    def files(self, title: Title, release: str) -> dict[str, int]:
        """Name and size in bytes of each file of a release in the bucket."""
        return {item.key.rpartition("/")[2]: item.size for item in self.objects(title, release)}

    def objects(self, title: Title, release: str) -> list[ObjectInfo]:
        """The files of a release in the bucket: every folder that its run wrote ends in its id."""
        return [item for item in self.bucket.list(title_prefix(title)) if f"{release}/" in item.key]

    def manifest(self, title: Title, release: str) -> ReleaseManifest:
        content = self.bucket.get_bytes(f"{release_prefix(title, release)}release.json")
        assert content is not None
        return ReleaseManifest.model_validate_json(content)

    def age_leases(self) -> None:
        """As if every run had been silent for long."""
        self.query("UPDATE nightreel.conversions SET lease_expires_at = now() - interval '1 second'")


def query(dsn: str, statement: str, *values: object) -> list[dict[str, Any]]:
    with (
        closing(psycopg2.connect(dsn)) as connection,
        connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        cursor.execute(statement, values or None)
        return [dict(row) for row in cursor.fetchall()] if cursor.description else []


@contextmanager
def installed(
    server_dsn: str, store: ObjectStoreAddress, folder: Path, **variables: str
) -> Iterator[Installation]:
    """A catalog with the demo's empty tables and an empty bucket; `variables` come on top."""
    with (
        catalog_database(server_dsn) as dsn,
        environment(installation_variables(dsn, store, folder) | variables),
    ):
        yield current_installation(dsn)


@contextmanager
def catalog_database(server_dsn: str) -> Iterator[str]:
    """The URI of a database that lasts as long as the block."""
    database = f"test_{uuid.uuid4().hex}"
    run_sql(server_dsn, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    try:
        yield urlsplit(server_dsn)._replace(path=f"/{database}").geturl()
    finally:
        run_sql(server_dsn, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Makes these the only settings of this process, for as long as the block lasts."""
    with ExitStack() as stack:
        # Last of all, so that whoever was installed before reads its own again.
        stack.callback(settings.cache_clear)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        # Another installation, of a longer scope, may still stand.
        for variable in [name for name in os.environ if name.startswith(("NIGHTREEL_", "R2_"))]:
            patch.delenv(variable)
        for variable, value in variables.items():
            patch.setenv(variable, value)
        settings.cache_clear()
        yield


@contextmanager
def with_reports() -> Iterator[None]:
    """What a person converts gets a report, as it does by default, for as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NIGHTREEL_VALIDATION_REPORTS")
        settings.cache_clear()
        yield
    settings.cache_clear()


def current_installation(dsn: str) -> Installation:
    """That of the settings of this moment, with the demo's tables in its catalog and a bucket."""
    options = settings()
    catalog = Catalog.from_dsn(dsn, load_mapping(options.catalog_mapping))
    with closing(psycopg2.connect(dsn)) as connection:
        create_demo_tables(connection)
    catalog.schema.migrate()
    bucket = Bucket(client_from_settings(options), options.r2_bucket_name, options.r2_public_url)
    bucket.ensure_exists()
    return Installation(dsn, catalog, bucket, options)


def _at_fixed_rates(folder: Path) -> Path:
    """The ladder as it is shipped, without trials: the tests of them ask for them."""
    ladder = folder / "ladder.yaml"
    shipped = SHIPPED_LADDER.read_text("utf-8")
    assert "quality: target" in shipped
    ladder.write_text(shipped.replace("quality: target\n", "quality: fixed\n"), "utf-8")
    return ladder


def installation_variables(dsn: str, store: ObjectStoreAddress, folder: Path) -> dict[str, str]:
    """What a deployment sets, for a bucket that has the name of its database."""
    parts = urlsplit(dsn)
    bucket = f"media-{parts.path.removeprefix('/test_')}"
    catalog = {
        "conn_type": "postgres",
        "host": parse_qs(parts.query)["host"][0],
        "login": parts.username,
        "password": CATALOG_PASSWORD,
        "schema": parts.path.removeprefix("/"),
    }
    checksums = {
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    }
    storage = {
        "conn_type": "aws",
        "login": store.access_key,
        "password": store.secret_key,
        "extra": {"endpoint_url": store.endpoint_url, "region_name": "auto", "config_kwargs": checksums},
    }
    return {
        "AIRFLOW_CONN_NIGHTREEL_CATALOG": json.dumps(catalog),
        "AIRFLOW_CONN_NIGHTREEL_BUCKET": json.dumps(storage),
        "R2_ENDPOINT_URL": store.endpoint_url,
        "R2_ACCESS_KEY_ID": store.access_key,
        "R2_SECRET_ACCESS_KEY": store.secret_key,
        "R2_BUCKET_NAME": bucket,
        "R2_PUBLIC_URL": f"{store.endpoint_url}/{bucket}",
        "NIGHTREEL_AIRFLOW_PASSWORD": AIRFLOW_PASSWORD,
        "NIGHTREEL_WORK_AREA": str(folder / "work"),
        "NIGHTREEL_REPORTS": str(folder / "reports"),
        "NIGHTREEL_PRESET": "ultrafast",
        "NIGHTREEL_LADDER": str(_at_fixed_rates(folder)),
        # The tests of them ask for them.
        "NIGHTREEL_MEASURE_QUALITY": "false",
        "NIGHTREEL_VALIDATION_REPORTS": "refused",
        # Every film of the tests is short.
        "NIGHTREEL_FIRST_RELEASE_SECONDS": "0",
        "NIGHTREEL_RETRIES": "1",
        "NIGHTREEL_RETRY_DELAY_SECONDS": "0",
    }
