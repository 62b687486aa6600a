"""What lets a night read only the rows that wait, however long the user's table: marks, and an index on them.

Both are the user's to make, so they are advised, not required: without them every row is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog import marks
from nightreel.catalog.connection import Cursor
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.user_rows import fragments, relation, value_of
from nightreel.errors import ConfigurationError

_LONG = 100_000
"""From this many rows on, a scan takes a noticeable part of a second."""

# A partitioned table's index cannot be built beside its writers.
_TABLE = """
    SELECT c.oid, c.relkind::text AS kind, greatest(c.reltuples, 0)::bigint AS rows,
           EXISTS (SELECT FROM pg_index i
                   JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                   JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                   WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NOT NULL
                     AND d.refobjid = c.oid AND a.attname = %s) AS indexed
    FROM pg_class c WHERE c.oid = to_regclass(%s)
"""
_INDEX = "CREATE INDEX {concurrently}ON {relation} ({columns}) WHERE {unmarked}"
_UNKNOWN = """
    SELECT count(*) AS rows FROM {relation} t LEFT JOIN nightreel.conversions c
      ON c.content_type = %s AND c.content_id = {id_text}
    WHERE NOT {unmarked} AND c.content_id IS NULL
"""


@dataclass(frozen=True)
class Advice:
    """What is advised for a table, as a sentence, and the statement for it; empty if there is more to do."""

    sentence: str
    statement: str = ""

    def __str__(self) -> str:
        return f"{self.sentence}: {self.statement}" if self.statement else self.sentence


def index_statement(content_type: str, table: TableMapping, *, concurrently: bool = True) -> Composable:
    """Creates the index of unmarked rows, in the order in which a night takes them."""
    names = dict.fromkeys([table.position, table.columns.id])
    parts: list[Composable] = [sql.Identifier(name) for name in names]
    if table.columns.value is not None:
        parts.insert(0, sql.SQL("({}) DESC NULLS LAST").format(value_of(table, prefix="")))
    return sql.SQL(_INDEX).format(
        concurrently=sql.SQL("CONCURRENTLY " if concurrently else ""),
        relation=relation(table),
        columns=sql.SQL(", ").join(parts),
        unmarked=marks.unmarked(content_type, table, prefix=""),
    )


def advice(cursor: Cursor, mapping: CatalogMapping) -> list[Advice]:
    """What to do about each table of which scans read more than they must."""
    return [
        each
        for content_type, table in mapping.content_types.items()
        for each in _advice(cursor, content_type, table)
    ]


def _advice(cursor: Cursor, content_type: str, table: TableMapping) -> Iterator[Advice]:
    cursor.execute(_TABLE, (table.columns.converted_from, relation(table).as_string(cursor.connection)))
    row = cursor.fetchone()
    if row is None or row["kind"] not in "rp" or row["indexed"]:
        return
    if marks.are_kept(table):
        statement = index_statement(content_type, table, concurrently=row["kind"] == "r")
        yield Advice(
            f"scans look for unmarked rows in all of {table.table}; an index has them",
            statement.as_string(cursor.connection),
        )
    elif row["rows"] >= _LONG:
        yield Advice(
            f"scans read all of the {row['rows']:,} rows of {table.table}; map converted_from and create its "
            "index, and they read only those that wait (docs/large-catalogs.md)"
        )


def check_marks(cursor: Cursor, mapping: CatalogMapping) -> None:
    """Raises ConfigurationError if rows are marked whose titles are unknown: no night would take them.

    That happens if the schema `nightreel` is lost, and the user's table is not. Reads all rows.
    """
    for content_type, table in mapping.content_types.items():
        if not marks.are_kept(table):
            continue
        unmarked = marks.unmarked(content_type, table)
        cursor.execute(sql.SQL(_UNKNOWN).format(**fragments(table), unmarked=unmarked), (content_type,))
        (row,) = cursor.fetchall()
        if row["rows"]:
            raise ConfigurationError(
                f"{content_type}: {row['rows']} rows of {table.table} are marked in "
                f"{table.columns.converted_from} as converted, but their titles are unknown, so no night "
                "would take them; set that column to NULL in these rows"
            )
