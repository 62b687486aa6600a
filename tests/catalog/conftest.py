from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from cryptography.fernet import Fernet
from psycopg2.extras import RealDictCursor
from pydantic import SecretStr

from nightreel.catalog import Catalog, CatalogMapping, Claim, PublishedResult, Variant, load_mapping
from nightreel.vocabulary.title import Title

MAPPING = Path(__file__).parents[2] / "config" / "catalog.yaml"
LEASE = timedelta(minutes=15)
PAST = timedelta(seconds=-1)
RESULT = PublishedResult(
    hls_url="https://media.example/hls/movies/1/master.m3u8",
    dash_url="https://media.example/hls/movies/1/manifest.mpd",
    poster_url="https://media.example/hls/movies/1/poster.jpg",
    duration_seconds=60.4,
    variants=(Variant("360p", "640x360", 900_000, "avc1.64001e,mp4a.40.2"),),
    files_uploaded=42,
    bytes=123_456_789_012,
    processing_seconds=12.5,
)


@dataclass(frozen=True)
class Database:
    """The user's own hands on the database."""

    dsn: str

    def query(self, statement: str, *values: object) -> list[dict[str, Any]]:
        with (
            closing(psycopg2.connect(self.dsn)) as connection,
            connection,
            connection.cursor(cursor_factory=RealDictCursor) as cursor,
        ):
            cursor.execute(statement, values or None)
            return [dict(row) for row in cursor.fetchall()] if cursor.description else []

    def row(self, statement: str, *values: object) -> dict[str, Any]:
        (row,) = self.query(statement, *values)
        return row

    def add_movie(self, content_id: int, url: str | None = "auto", created_at: str = "2026-01-01") -> Title:
        self.query(
            "INSERT INTO movies (id, title, video_url, created_at) VALUES (%s, %s, %s, %s)",
            content_id,
            f"Movie {content_id}",
            f"movies/{content_id}.mp4" if url == "auto" else url,
            created_at,
        )
        return Title("movie", str(content_id))

    def conversion(self, title: Title) -> dict[str, Any]:
        return self.row(
            "SELECT * FROM nightreel.conversions WHERE content_type = %s AND content_id = %s",
            title.content_type,
            title.content_id,
        )

    def attempt(self, claim: Claim) -> dict[str, Any]:
        return self.row("SELECT * FROM nightreel.attempts WHERE token = %s", claim.token)


@pytest.fixture
def mapping() -> CatalogMapping:
    return load_mapping(MAPPING)


@pytest.fixture
def database(demo_dsn: str) -> Database:
    return Database(demo_dsn)


@pytest.fixture
def catalog(demo_dsn: str, mapping: CatalogMapping) -> Catalog:
    catalog = Catalog.from_dsn(demo_dsn, mapping)
    catalog.schema.migrate()
    return catalog


def a_secret() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture(scope="module")
def secret() -> str:
    return a_secret()


@pytest.fixture
def with_secret(catalog: Catalog, demo_dsn: str, mapping: CatalogMapping) -> Callable[..., Catalog]:
    """The same catalog, opened with these secrets."""
    return lambda *secrets: Catalog.from_dsn(demo_dsn, mapping, SecretStr(",".join(secrets)))


@pytest.fixture
def catalog_with_keys(with_secret: Callable[..., Catalog], secret: str) -> Catalog:
    return with_secret(secret)


@pytest.fixture
def claimed(catalog: Catalog) -> Callable[..., Claim]:
    def claim(title: Title, run_id: str = "run-1", lease: timedelta = LEASE, force: bool = False) -> Claim:
        answer = catalog.claims.one(title, run_id, lease, force=force)
        assert isinstance(answer, Claim), answer
        return answer

    return claim


def publish(catalog: Catalog, claim: Claim, result: PublishedResult = RESULT) -> None:
    with catalog.publications.holding(claim) as publication:
        publication.complete(result)


def scanned(catalog: Catalog, limit: int = 100) -> list[str]:
    return [f"{row.content_type} {row.content_id}" for row in catalog.backlog.unconverted(limit)]
