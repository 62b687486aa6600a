from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nightreel.catalog import Catalog, CatalogMapping
from nightreel.catalog.connection import connector
from nightreel.catalog.migrate import migrate, migrations
from nightreel.errors import ConfigurationError
from tests.catalog.conftest import Database


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
