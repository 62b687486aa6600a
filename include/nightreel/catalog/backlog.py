"""Which titles are unconverted: the backlog.

A title is unconverted if it has no release, or its source changed. It is left alone while
a run has it claimed, while it is quarantined for the source that it still has, and after
its source has failed too often. A row that no run could ever convert is not counted.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from math import inf

from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog.connection import Connect, Cursor, Row, transaction
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.records import DOUBLE_ID, MAX_ATTEMPTS, SIZE_CODES, BacklogRow
from nightreel.catalog.user_rows import double_id_sentence, fragments, id_array, usable_id
from nightreel.vocabulary.title import Title

# What was refused for its id is looked at again once no other row has it. The ids that are still
# double are counted once in a scan, and not at all where none was refused.
STILL_DOUBLE = """
    {id_text} IN (
        SELECT {id_text} FROM {relation} t
        WHERE {id_text} IN (SELECT d.content_id FROM nightreel.conversions d
                            WHERE d.content_type = %(content_type)s AND d.reason_code = %(double_id)s)
        GROUP BY 1 HAVING count(*) > 1)
"""
ROW = """
    %(content_type)s AS content_type, {id_text} AS content_id, {name} AS name,
    {url} AS video_url, {version} AS source_version, {bytes} AS source_bytes, {duration} AS source_duration
"""

# A row that was refused for its size is looked at again once that would be right: its column was
# corrected, or the setting raised. The size that a run found out for itself is not remembered.
OPEN = f"""
    (c.content_id IS NULL
     OR c.state = 'pending'
     OR (c.state = 'claimed' AND c.lease_expires_at <= now())
     OR (c.state = 'failed' AND c.attempts < %(max_attempts)s)
     OR (c.state <> 'claimed' AND {{changed}})
     OR (c.state = 'quarantined' AND c.reason_code = %(double_id)s)
     OR (c.state = 'quarantined' AND c.reason_code = ANY(%(size_codes)s) AND c.source_bytes IS NOT NULL
         AND coalesce({{bytes}}, c.source_bytes) BETWEEN 1 AND %(max_source_bytes)s))
    AND NOT coalesce(
        c.state = 'quarantined' AND c.reason_code = %(double_id)s AND {STILL_DOUBLE}, FALSE)
"""
JOINED = """
    {relation} t LEFT JOIN nightreel.conversions c
      ON c.content_type = %(content_type)s AND c.content_id = {id_text}
"""

# MATERIALIZED keeps the planner from sorting the whole table first, in the hope that most of
# it is unconverted: on a converted catalog that takes four times as long.
_UNCONVERTED = f"""
    WITH backlog AS MATERIALIZED (
        SELECT {ROW}, {{age}} AS age, {{order}} AS position, {{id}} AS id
        FROM {JOINED} WHERE {OPEN} AND {{url}} IS NOT NULL
    )
    SELECT * FROM backlog WHERE {{usable}} ORDER BY position, id LIMIT %(limit)s
"""  # noqa: S608 - only constants are put in

_ROWS = f"""
    SELECT {ROW} FROM {{relation}} t
    WHERE {{id}} = ANY(%(ids)s) AND {{id_text}} = ANY(%(texts)s::text[])
"""  # noqa: S608 - only constants are put in

_DOUBLE = """
    SELECT {id_text} AS content_id, count(*) AS rows FROM {relation} t
    WHERE {id} = ANY(%s) AND {id_usable} GROUP BY 1 HAVING count(*) > 1
"""

ANY_SIZE = 2**63 - 1
"""The largest number that a table can say of a source."""


@dataclass(frozen=True)
class Allowed:
    """How often a source may fail before its title stays failed, and how large it may be, in bytes."""

    max_attempts: int
    max_source_bytes: int


class Backlog:
    """The rows of the user's tables that wait to be converted. Each method is one transaction."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def unconverted(
        self, limit: int, max_source_bytes: int = ANY_SIZE, max_attempts: int = MAX_ATTEMPTS
    ) -> list[BacklogRow]:
        """At most `limit` rows that have an id and a source, oldest first."""
        with transaction(self._connect) as cursor:
            return unconverted(cursor, self._mapping, limit, Allowed(max_attempts, max_source_bytes))

    def rows(self, titles: Sequence[Title]) -> list[BacklogRow]:
        """The rows of the given titles that exist in the user's tables, in the order given."""
        by_type: dict[str, list[str]] = defaultdict(list)
        for title in titles:
            by_type[title.content_type].append(title.content_id)
        found: dict[Title, BacklogRow] = {}
        with transaction(self._connect) as cursor:
            for content_type, content_ids in by_type.items():
                cursor.execute(
                    sql.SQL(_ROWS).format(**fragments(self._mapping.table_of(content_type))),
                    {"content_type": content_type, "ids": id_array(content_ids), "texts": content_ids},
                )
                found |= {row.title: row for row in map(as_row, cursor.fetchall())}
            return with_double_ids(
                cursor, self._mapping, [found[title] for title in titles if title in found]
            )


def unconverted(cursor: Cursor, mapping: CatalogMapping, limit: int, allowed: Allowed) -> list[BacklogRow]:
    """At most `limit` rows that have an id and a source, oldest first."""
    backlogs = [
        _backlog_of(cursor, content_type, table, limit, allowed)
        for content_type, table in mapping.content_types.items()
    ]
    rows = _merge(backlogs, by_age=all(_goes_by_age(table) for table in mapping.content_types.values()))
    return with_double_ids(cursor, mapping, [as_row(row) for row in rows[:limit]])


def with_double_ids(cursor: Cursor, mapping: CatalogMapping, rows: Sequence[BacklogRow]) -> list[BacklogRow]:
    """The rows, each marked if it shares its id with another, whatever that one holds."""
    by_type: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        by_type[row.content_type].add(row.content_id)
    told: dict[Title, str] = {}
    for content_type, content_ids in by_type.items():
        table = mapping.table_of(content_type)
        cursor.execute(sql.SQL(_DOUBLE).format(**fragments(table)), (id_array(content_ids),))
        for found in cursor.fetchall():
            title = Title(content_type, found["content_id"])
            told[title] = double_id_sentence(title, table, found["rows"])
    return [replace(row, double_id=told[row.title]) if row.title in told else row for row in rows]


def _backlog_of(
    cursor: Cursor, content_type: str, table: TableMapping, limit: int, allowed: Allowed
) -> list[Row]:
    pieces = fragments(table)
    age: Composable = sql.SQL("NULL::float8")
    if table.columns.created_at is not None:
        age = sql.SQL("extract(epoch FROM t.{})::float8").format(sql.Identifier(table.columns.created_at))
    order = table.order_by or table.columns.created_at or table.columns.id
    cursor.execute(
        sql.SQL(_UNCONVERTED).format(
            **pieces,
            age=age,
            usable=usable_id(sql.Identifier("content_id")),
            order=sql.SQL("t.{}").format(sql.Identifier(order)),
        ),
        scan_values(content_type, limit, allowed),
    )
    return list(cursor.fetchall())


def scan_values(content_type: str, limit: int, allowed: Allowed) -> dict[str, object]:
    """The parameters of the statements in this module."""
    return {
        "content_type": content_type,
        "limit": limit,
        "max_attempts": allowed.max_attempts,
        "max_source_bytes": allowed.max_source_bytes,
        "size_codes": list(SIZE_CODES),
        "double_id": DOUBLE_ID,
    }


def as_row(row: Row) -> BacklogRow:
    """A row of the statements in this module."""
    return BacklogRow(**{field: row[field] for field in BacklogRow.__dataclass_fields__ if field in row})


def _goes_by_age(table: TableMapping) -> bool:
    return table.columns.created_at is not None and table.order_by in (None, table.columns.created_at)


def _merge(backlogs: list[list[Row]], *, by_age: bool) -> list[Row]:
    """One order over all content types: by age where all have one, else taking turns."""
    turns = [row for row in chain.from_iterable(zip_longest(*backlogs)) if row is not None]
    if by_age:
        turns.sort(key=lambda row: inf if row["age"] is None else row["age"])
    return turns
