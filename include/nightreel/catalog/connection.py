"""One transaction on the catalog database, and what its errors mean to a run."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import connection
from psycopg2.extras import RealDictCursor

from nightreel.errors import CatalogUnavailable, ConfigurationError

Connect: TypeAlias = Callable[[], connection]
Cursor: TypeAlias = RealDictCursor
Row: TypeAlias = dict[str, Any]

_CONNECT_TIMEOUT_SECONDS = 10


def connector(dsn: str) -> Connect:
    """Opens connections to a libpq connection string or URI.

    Raises ConfigurationError when the string is empty or not one.
    """
    if not dsn:
        raise ConfigurationError("NIGHTREEL_CATALOG_DSN is not set: give it the catalog's connection string")
    try:
        full = psycopg2.extensions.make_dsn(
            dsn, connect_timeout=_CONNECT_TIMEOUT_SECONDS, application_name="nightreel"
        )
    except psycopg2.ProgrammingError:
        # libpq's message quotes the string, and with it the password.
        raise ConfigurationError(
            "NIGHTREEL_CATALOG_DSN is not a connection string; it looks like "
            "postgresql://user:password@host:5432/database, with special characters percent-encoded"
        ) from None
    return lambda: psycopg2.connect(full)


class KeptConnections:
    """Opens connections, and keeps up to `most` that were given back for those who ask next.

    For a server of many short requests: opening one costs more than what most of them ask.
    Safe to share between threads.
    """

    def __init__(self, connect: Connect, most: int = 8) -> None:
        self._connect = connect
        self._idle: deque[connection] = deque(maxlen=most)

    def __call__(self) -> connection:
        while True:
            try:
                kept = self._idle.pop()
            except IndexError:
                return self._connect()
            if _answers(kept):
                return kept
            kept.close()

    def give_back(self, used: connection) -> None:
        """For the next one, unless it is broken, or enough are kept."""
        if used.closed or len(self._idle) == self._idle.maxlen:
            used.close()
        else:
            self._idle.append(used)


def _answers(kept: connection) -> bool:
    """Whether the server is still at the other end: it may have been started anew."""
    try:
        with kept.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error:
        return False
    return True


@contextmanager
def transaction(connect: Connect) -> Iterator[Cursor]:
    """A cursor in a transaction of its own: committed at the end, rolled back on any exception.

    Raises CatalogUnavailable when the database does not answer, and ConfigurationError when
    it lacks a table or a right.
    """
    try:
        database = connect()
    except psycopg2.OperationalError as error:
        raise _unavailable(error) from error
    try:
        with database, database.cursor(cursor_factory=Cursor) as cursor:
            # The text of a timestamp, by which a changed source is known, depends on these two.
            cursor.execute("SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD'")
            yield cursor
    except (
        psycopg2.OperationalError,
        psycopg2.InterfaceError,
        errors.IdleInTransactionSessionTimeout,
    ) as error:
        raise _unavailable(error) from error
    except errors.InsufficientPrivilege as error:
        raise ConfigurationError(
            f"the catalog's role lacks a right: {summary(error)}; grant it, or connect as another role"
        ) from error
    except (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName) as error:
        raise ConfigurationError(
            f"the catalog is not as Nightreel expects it: {summary(error)}; "
            "apply the migrations and check the mapping"
        ) from error
    finally:
        if isinstance(connect, KeptConnections):
            connect.give_back(database)
        else:
            database.close()


def _unavailable(error: psycopg2.Error) -> CatalogUnavailable:
    return CatalogUnavailable(f"the catalog database did not answer: {summary(error)}")


def summary(error: psycopg2.Error) -> str:
    """The first line of the database's message, without the statement that it quotes."""
    lines = (error.diag.message_primary or str(error)).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot store: NUL, and halves of surrogate pairs.

    The end of FFmpeg's stderr and the tags of a source hold both at times.
    """
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def storable_json(value: object) -> str:
    """JSON that PostgreSQL's jsonb accepts: it has no NUL either, not even escaped."""
    return storable(json.dumps(value, ensure_ascii=False).replace("\\u0000", "\N{REPLACEMENT CHARACTER}"))
