import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from nightreel.catalog import Catalog, CatalogMapping
from nightreel.catalog.connection import connector
from nightreel.catalog.migrate import migrate, migrations
from nightreel.encryption import KeyRing
from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import Database, a_secret


def test_migrating_again_changes_nothing(catalog_dsn: str, mapping: CatalogMapping) -> None:
    catalog = Catalog.from_dsn(catalog_dsn, mapping)
    assert catalog.schema.migrate() == [migration.version for migration in migrations()]
    assert catalog.schema.migrate() == []


def test_no_two_migrations_have_one_number_and_none_is_left_out() -> None:
    versions = [migration.version for migration in migrations()]
    assert versions == list(range(1, len(versions) + 1))


def test_processes_that_migrate_at_once_apply_each_migration_once(
    catalog_dsn: str, mapping: CatalogMapping
) -> None:
    catalogs = [Catalog.from_dsn(catalog_dsn, mapping) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        applied = list(threads.map(lambda catalog: catalog.schema.migrate(), catalogs))
    assert sorted(version for versions in applied for version in versions) == [
        migration.version for migration in migrations()
    ]


def test_a_migration_that_fails_leaves_no_trace(catalog_dsn: str, tmp_path: Path) -> None:
    (tmp_path / "0001_good.sql").write_text("CREATE TABLE nightreel.good (x int)")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE nightreel.half (x int); SELECT * FROM nowhere")
    with pytest.raises(ConfigurationError, match="nowhere"):
        migrate(connector(catalog_dsn), tmp_path)
    found = Database(catalog_dsn).row(
        "SELECT to_regclass('nightreel.good') IS NOT NULL AS good, to_regclass('nightreel.half') AS half"
    )
    assert found == {"good": True, "half": None}

    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE nightreel.half (x int)")
    assert migrate(connector(catalog_dsn), tmp_path) == [2]


def test_a_database_of_a_later_nightreel_is_refused(catalog: Catalog, database: Database) -> None:
    database.query("INSERT INTO nightreel.schema_version (version, name) VALUES (9999, 'later')")
    with pytest.raises(ConfigurationError, match=r"version 9999.*install the version that migrated it"):
        catalog.schema.migrate()


def test_a_catalog_that_was_never_migrated_says_so(demo_dsn: str, mapping: CatalogMapping) -> None:
    with pytest.raises(ConfigurationError, match="apply the migrations"):
        Catalog.from_dsn(demo_dsn, mapping).backlog.unconverted(1)


def migrate_to(dsn: str, version: int, directory: Path) -> None:
    """The schema as the Nightreel left it that knew no later migration."""
    for migration in migrations():
        if migration.version <= version:
            shutil.copy(migration.path, directory)
    migrate(connector(dsn), directory)


OLD, CURRENT, REFUSED = (f"2026112{day}T010000-0a1b2c3d" for day in (1, 2, 3))
BEFORE_TRACKS = 10


@pytest.fixture
def before_tracks(demo_dsn: str, tmp_path: Path, mapping: CatalogMapping) -> Catalog:
    """Rows of the version without tracks: a release that was replaced, the current one, and three keys."""
    database, secret = Database(demo_dsn), a_secret()
    migrate_to(demo_dsn, BEFORE_TRACKS, tmp_path)
    title = database.add_movie(1)
    database.query(
        "INSERT INTO nightreel.conversions (content_type, content_id, state, release)"
        " VALUES ('movie', %s, 'published', %s)",
        title.content_id,
        CURRENT,
    )
    for release, superseded in ((OLD, "now()"), (CURRENT, "NULL")):
        database.query(
            "INSERT INTO nightreel.releases (content_type, content_id, release, published_at, superseded_at)"
            f" VALUES ('movie', %s, %s, now(), {superseded})",
            title.content_id,
            release,
        )
    ring = KeyRing.of(SecretStr(secret))
    for release in (OLD, CURRENT, REFUSED):
        database.query(
            "INSERT INTO nightreel.content_keys"
            " (key_id, content_type, content_id, release, scheme, encrypted_key, encrypted_iv)"
            " VALUES (gen_random_uuid(), 'movie', %s, %s, 'cbcs', %s, %s)",
            title.content_id,
            release,
            ring.encrypt(key_of(release)),
            ring.encrypt(bytes(16)),
        )
    return Catalog.from_dsn(demo_dsn, mapping, SecretStr(secret))


def key_of(release: str) -> bytes:
    return release[:16].encode()


def test_a_release_of_before_there_were_tracks_has_a_timeline_of_its_own_and_no_tracks(
    before_tracks: Catalog, database: Database
) -> None:
    assert BEFORE_TRACKS + 1 in before_tracks.schema.migrate()
    rows = database.query("SELECT release, timeline FROM nightreel.releases ORDER BY release")
    assert rows == [{"release": each, "timeline": each} for each in (OLD, CURRENT)]
    assert database.query("SELECT * FROM nightreel.release_tracks") == []


def test_keys_of_before_there_were_timelines_are_those_of_their_releases_timelines(
    before_tracks: Catalog, database: Database
) -> None:
    before_tracks.schema.migrate()
    title = Title("movie", "1")
    for release in (OLD, CURRENT, REFUSED):
        found = before_tracks.content_keys.find(title, release)
        assert found is not None
        assert found.key == key_of(release)
    assert before_tracks.titles.status()[0].encrypted


def test_keys_of_before_there_were_timelines_go_with_their_releases(before_tracks: Catalog) -> None:
    before_tracks.schema.migrate()
    title = Title("movie", "1")
    assert before_tracks.content_keys.delete_unused() == [(title, REFUSED)]
    assert before_tracks.releases.superseded(timedelta(0)) == [(title, OLD)]
    before_tracks.releases.mark_deleted(title, OLD)
    assert before_tracks.content_keys.delete_unused() == [(title, OLD)]
    assert before_tracks.content_keys.find(title, CURRENT) is not None
