"""Brings the schema `nightreel` up to this version of Nightreel.

Migrations are the files `migrations/NNNN_name.sql`. A released one never changes.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

from nightreel.catalog.connection import Connect, Cursor, Limits, transaction
from nightreel.errors import ConfigurationError

_log = logging.getLogger(__name__)

_DIRECTORY = Path(__file__).parent / "migrations"
# Any number that no other program is likely to lock; this is "nightrl" in ASCII.
_LIMITS = Limits(statement=0, lock=600)
"""A migration may take as long as its table needs, and waits for another one in progress."""
_ADVISORY_LOCK = 0x6E69676874726C


@dataclass(frozen=True)
class Migration:
    """One step of the schema, as a file of SQL; versions count from 1 without a gap."""

    version: int
    path: Path


def migrations(directory: Path = _DIRECTORY) -> list[Migration]:
    """The migrations, in the order of application."""
    return [Migration(int(path.name.split("_", 1)[0]), path) for path in sorted(directory.glob("*.sql"))]


def migrate(connect: Connect, directory: Path = _DIRECTORY) -> list[int]:
    """Applies what is missing, a transaction each, and returns the versions applied.

    Safe to run again, and by many processes at once. Raises ConfigurationError when the
    database was migrated by a later Nightreel, or the role may not create a schema.
    """
    known = migrations(directory)
    with transaction(connect) as cursor:
        current = _version(cursor)
    newest = known[-1].version
    if current > newest:
        raise ConfigurationError(
            f"the catalog's schema is at version {current}, and this Nightreel knows up to {newest}: "
            "install the version that migrated it, or a later one"
        )
    return [
        migration.version for migration in known if migration.version > current and _apply(connect, migration)
    ]


def _version(cursor: Cursor) -> int:
    cursor.execute("SELECT to_regclass('nightreel.schema_version') IS NOT NULL AS present")
    (row,) = cursor.fetchall()
    if not row["present"]:
        return 0
    cursor.execute("SELECT coalesce(max(version), 0) AS version FROM nightreel.schema_version")
    (row,) = cursor.fetchall()
    return int(row["version"])


def _apply(connect: Connect, migration: Migration) -> bool:
    with transaction(connect, _LIMITS) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_ADVISORY_LOCK,))
        # Another process may have applied it while this one waited for the lock.
        current = _version(cursor)
        if current >= migration.version:
            return False
        if current == 0:
            cursor.execute(
                "CREATE SCHEMA IF NOT EXISTS nightreel;"
                "CREATE TABLE IF NOT EXISTS nightreel.schema_version ("
                " version integer PRIMARY KEY, name text NOT NULL,"
                " applied_at timestamptz NOT NULL DEFAULT now())"
            )
        cursor.execute(migration.path.read_text(encoding="utf-8"))
        cursor.execute(
            "INSERT INTO nightreel.schema_version (version, name) VALUES (%s, %s)",
            (migration.version, migration.path.stem),
        )
    _log.info("applied migration %s", migration.path.stem)
    return True
