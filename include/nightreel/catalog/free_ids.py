"""Ids for new titles, like those that a table has: from its sequence, above its largest id, or UUIDs.

No table is read completely for this, unless its ids are text.
"""

from uuid import uuid4

import psycopg2
from psycopg2 import sql

from nightreel.catalog.connection import Cursor
from nightreel.catalog.id_columns import id_column
from nightreel.catalog.mapping import TableMapping
from nightreel.catalog.user_rows import fragments, relation
from nightreel.errors import ConfigurationError

_SEQUENCE = "SELECT pg_get_serial_sequence(%s, %s) AS sequence"
_NEXT = "SELECT nextval(%s::regclass)::text AS id FROM generate_series(1, %s)"
_LARGEST = "SELECT trunc(coalesce(max({id}), 0)::numeric)::text AS largest FROM {relation} t"
# Aggregated in the database: even for ids in text, only these three answers leave it.
_TEXTS = """
    SELECT coalesce(bool_and({id_text} ~ '^[0-9]+$'), TRUE) AS numbers,
           bool_and({id_text} ~* '^[0-9a-f]{{8}}-?([0-9a-f]{{4}}-?){{3}}[0-9a-f]{{12}}$') AS uuids,
           max(CASE WHEN {id_text} ~ '^[0-9]+$' THEN {id_text}::numeric END)::text AS largest
    FROM {relation} t
"""
_NONE = (
    "the ids of this table are neither numbers nor UUIDs, so none can be generated: "
    "choose one (--id, content_id)"
)


def consecutive_ids(first: str, count: int) -> list[str]:
    """`first` and the numbers after it. Raises ConfigurationError if `first` is not a number."""
    if count == 1:
        return [first]
    if not first.isdecimal():
        raise ConfigurationError(
            f"--id {first} is not a number to count up from for {count} files: add them one by one"
        )
    return [str(int(first) + offset) for offset in range(count)]


def free_ids(cursor: Cursor, table: TableMapping, count: int) -> list[str]:
    """Ids that no row has yet: the next numbers, or new UUIDs.

    Ids are taken from the table's sequence, if it has one, so that the platform's next row gets another.
    Raises ConfigurationError when the table's ids are neither.
    """
    kind, category = id_column(cursor, table)
    if kind == "uuid":
        return _uuids(count)
    if category == "N":
        return _next_numbers(cursor, table, count)
    cursor.execute(sql.SQL(_TEXTS).format(**fragments(table)))
    (row,) = cursor.fetchall()
    if row["numbers"]:
        return _counted_on(row["largest"] or "0", count)
    if row["uuids"]:
        return _uuids(count)
    raise ConfigurationError(_NONE)


def _next_numbers(cursor: Cursor, table: TableMapping, count: int) -> list[str]:
    taken = _from_sequence(cursor, table, count)
    cursor.execute(sql.SQL(_LARGEST).format(**fragments(table)))
    (row,) = cursor.fetchall()
    largest = row["largest"]
    # A sequence lags behind if rows were inserted with given ids.
    if taken and min(map(int, taken)) > int(largest):
        return taken
    return _counted_on(largest, count)


def _from_sequence(cursor: Cursor, table: TableMapping, count: int) -> list[str]:
    """The next values of the sequence for the table's ids; empty without one, or without the right."""
    cursor.execute(_SEQUENCE, (_quoted(cursor, table), table.columns.id))
    (row,) = cursor.fetchall()
    if row["sequence"] is None:
        return []
    cursor.execute("SAVEPOINT before_sequence")
    try:
        cursor.execute(_NEXT, (row["sequence"], count))
    except psycopg2.errors.InsufficientPrivilege:
        cursor.execute("ROLLBACK TO SAVEPOINT before_sequence")
        return []
    return [each["id"] for each in cursor.fetchall()]


def _quoted(cursor: Cursor, table: TableMapping) -> str:
    return relation(table).as_string(cursor.connection)


def _counted_on(largest: str, count: int) -> list[str]:
    return consecutive_ids(str(max(int(largest), 0) + 1), count)


def _uuids(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]
