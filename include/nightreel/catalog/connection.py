"""Transactions on the catalog database, and what its errors mean to a run."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import connection
from psycopg2.extras import RealDictCursor

from nightreel.errors import CatalogUnavailable, ConfigurationError

Connect: TypeAlias = Callable[[], connection]
Cursor: TypeAlias = RealDictCursor
Row: TypeAlias = dict[str, Any]

PARAMETERS: Mapping[str, Any] = {
    "application_name": "nightreel",
    "connect_timeout": 10,
    # Notice within a minute that a server has vanished: its own limits do not help then.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""The defaults for libpq, unless the deployment sets others (PostgreSQL documentation, 32.1.2)."""


NOT_AT_WORK: tuple[type[psycopg2.Error], ...] = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    errors.IdleInTransactionSessionTimeout,
    errors.ReadOnlySqlTransaction,
)
"""Errors that do not depend on the statement: no table and no row has refused anything."""


@dataclass(frozen=True)
class Limits:
    """Seconds that one statement, and one wait for a lock, may take; 0 sets no limit."""

    statement: float = 300.0
    lock: float = 30.0


_LIMITS = Limits()


def connector(dsn: str) -> Connect:
    """Opens connections to a libpq connection string or URI.

    Raises ConfigurationError when the string is empty or malformed.
    """
    if not dsn:
        raise ConfigurationError("NIGHTREEL_CATALOG_DSN is not set: give it the catalog's connection string")
    try:
        full = psycopg2.extensions.make_dsn(**{**PARAMETERS, **psycopg2.extensions.parse_dsn(dsn)})
    except psycopg2.ProgrammingError:
        # libpq's message quotes the string, including the password.
        raise ConfigurationError(
            "NIGHTREEL_CATALOG_DSN is not a connection string; it looks like "
            "postgresql://user:password@host:5432/database, with special characters percent-encoded"
        ) from None
    return lambda: psycopg2.connect(full)


@dataclass(frozen=True)
class LimitedConnections:
    """Opens connections whose transactions have these limits."""

    connect: Connect
    limits: Limits

    def __call__(self) -> connection:
        """A new connection. Raises psycopg2.OperationalError."""
        return self.connect()


class KeptConnections:
    """Opens connections, and keeps up to `most` returned ones for later callers.

    For a server with many short requests: opening a connection takes longer than most of their queries.
    Safe to share between threads. psycopg2's own pool connects when it is created, raises when all of its
    connections are in use, and hands out those whose server is gone.
    """

    def __init__(self, connect: Connect, most: int = 8) -> None:
        self._connect = connect
        self.limits = limits_of(connect)
        self._idle: deque[connection] = deque(maxlen=most)

    def __call__(self) -> connection:
        """An idle one that still works, or else a new one. Raises psycopg2.OperationalError."""
        while True:
            try:
                kept = self._idle.pop()
            except IndexError:
                return self._connect()
            if _answers(kept):
                return kept
            kept.close()

    def give_back(self, used: connection) -> None:
        """Keeps it for the next caller, unless it is broken or enough are kept."""
        if used.closed or len(self._idle) == self._idle.maxlen:
            used.close()
        else:
            self._idle.append(used)


def limits_of(connect: Connect) -> Limits:
    """The limits of its transactions."""
    return connect.limits if isinstance(connect, LimitedConnections | KeptConnections) else _LIMITS


def _answers(kept: connection) -> bool:
    """Whether the server is still at the other end: it may have been restarted."""
    try:
        with kept.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error:
        return False
    return True


@contextmanager
def transaction(connect: Connect, limits: Limits | None = None) -> Iterator[Cursor]:
    """A cursor in a transaction of its own: committed at the end, rolled back on any exception.

    Raises CatalogUnavailable when the database does not answer, or not within the limits, and
    ConfigurationError when a table or a right is missing. The limits are those of `connect`
    unless given. They are set in the transaction, not when connecting, because a pool in
    between (PgBouncer) refuses that, or keeps them for others.
    """
    limits = limits or limits_of(connect)
    try:
        database = connect()
    except psycopg2.OperationalError as error:
        raise _unavailable(error) from error
    try:
        with database, database.cursor(cursor_factory=Cursor) as cursor:
            # A changed source is recognised by the text of a timestamp, which depends on these two.
            cursor.execute(
                "SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD';"
                "SET LOCAL statement_timeout = %s; SET LOCAL lock_timeout = %s",
                (round(limits.statement * 1000), round(limits.lock * 1000)),
            )
            yield cursor
    except errors.LockNotAvailable as error:
        raise CatalogUnavailable(
            f"another transaction kept rows or a table of the catalog locked for {limits.lock:g} seconds "
            f"(NIGHTREEL_CATALOG_LOCK_SECONDS): {summary(error)}; pg_stat_activity names it"
        ) from error
    except errors.QueryCanceled as error:
        raise CatalogUnavailable(
            f"the catalog took longer than {limits.statement:g} seconds for a statement "
            f"(NIGHTREEL_CATALOG_STATEMENT_SECONDS): {summary(error)}"
        ) from error
    except errors.ReadOnlySqlTransaction as error:
        raise CatalogUnavailable(
            f"the catalog accepts no writes: {summary(error)}; if this lasts, NIGHTREEL_CATALOG_DSN "
            "names a replica, or a guard against a full disk has set default_transaction_read_only"
        ) from error
    except NOT_AT_WORK as error:
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
    """The text without what PostgreSQL cannot store: NUL, and lone surrogates.

    The end of FFmpeg's stderr and the tags of a source sometimes have both.
    """
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def storable_json(value: object) -> str:
    """JSON that PostgreSQL's jsonb accepts: without NUL, even escaped."""
    return storable(json.dumps(value, ensure_ascii=False).replace("\\u0000", "\N{REPLACEMENT CHARACTER}"))
