"""Which titles are unconverted: the backlog.

A title is unconverted if it has no release, or its source changed. It is left alone while
a run has it claimed, while it is quarantined for the source that it still has, and after
its source has failed too often.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, zip_longest
from math import inf

from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog.connection import Cursor, Row
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.records import BacklogRow
from nightreel.catalog.user_rows import USABLE_ID, fragments, id_array
from nightreel.title import Title

# Rows that cannot be converted are wanted for the report, but only where nothing was ever
# published: an owner may well remove the source of a finished title.
#
# MATERIALIZED keeps the planner from sorting the whole table first, in the hope that most of
# it is unconverted: on a converted catalog that takes four times as long.
_UNCONVERTED = """
    WITH backlog AS MATERIALIZED (
        SELECT %(content_type)s AS content_type, {id_text} AS content_id, {name} AS name,
               {url} AS video_url, {version} AS source_version,
               {bytes} AS source_bytes, {duration} AS source_duration,
               {age} AS age, {order} AS position, {id} AS id
        FROM {relation} t
        LEFT JOIN nightreel.conversions c
               ON c.content_type = %(content_type)s AND c.content_id = {id_text}
        WHERE (c.content_id IS NULL
               OR c.state = 'pending'
               OR (c.state = 'claimed' AND c.lease_expires_at <= now())
               OR (c.state = 'failed' AND c.attempts < %(max_attempts)s)
               OR (c.state <> 'claimed' AND {changed}))
          AND (c.release IS NULL OR {url} IS NOT NULL)
    )
    SELECT *, video_url IS NULL OR content_id !~ %(usable_id)s AS unusable
    FROM backlog ORDER BY unusable, position, id LIMIT %(limit)s
"""

_ROWS = """
    SELECT %(content_type)s AS content_type, {id_text} AS content_id, {name} AS name,
           {url} AS video_url, {version} AS source_version,
           {bytes} AS source_bytes, {duration} AS source_duration
    FROM {relation} t WHERE {id} = ANY(%(ids)s) AND {id_text} = ANY(%(texts)s::text[])
"""


def unconverted(cursor: Cursor, mapping: CatalogMapping, limit: int, max_attempts: int) -> list[BacklogRow]:
    """At most `limit` rows, oldest first, those that cannot be converted last."""
    backlogs = [
        _backlog_of(cursor, content_type, table, limit, max_attempts)
        for content_type, table in mapping.content_types.items()
    ]
    rows = _merge(backlogs, by_age=all(_goes_by_age(table) for table in mapping.content_types.values()))
    return [
        BacklogRow(**{field: row[field] for field in BacklogRow.__dataclass_fields__}) for row in rows[:limit]
    ]


def rows_of(cursor: Cursor, mapping: CatalogMapping, titles: Sequence[Title]) -> list[BacklogRow]:
    """The rows of those of the titles that the user's tables have, in the order given."""
    by_type: dict[str, list[str]] = defaultdict(list)
    for title in titles:
        by_type[title.content_type].append(title.content_id)
    found: dict[Title, BacklogRow] = {}
    for content_type, content_ids in by_type.items():
        cursor.execute(
            sql.SQL(_ROWS).format(**fragments(mapping.table_of(content_type))),
            {"content_type": content_type, "ids": id_array(content_ids), "texts": content_ids},
        )
        found |= {row.title: row for row in (BacklogRow(**row) for row in cursor.fetchall())}
    return [found[title] for title in titles if title in found]


def _backlog_of(
    cursor: Cursor, content_type: str, table: TableMapping, limit: int, max_attempts: int
) -> list[Row]:
    pieces = fragments(table)
    age: Composable = sql.SQL("NULL::float8")
    if table.columns.created_at is not None:
        age = sql.SQL("extract(epoch FROM t.{})::float8").format(sql.Identifier(table.columns.created_at))
    order = table.order_by or table.columns.created_at or table.columns.id
    cursor.execute(
        sql.SQL(_UNCONVERTED).format(**pieces, age=age, order=sql.SQL("t.{}").format(sql.Identifier(order))),
        {
            "content_type": content_type,
            "limit": limit,
            "max_attempts": max_attempts,
            "usable_id": USABLE_ID,
        },
    )
    return list(cursor.fetchall())


def _goes_by_age(table: TableMapping) -> bool:
    return table.columns.created_at is not None and table.order_by in (None, table.columns.created_at)


def _merge(backlogs: list[list[Row]], *, by_age: bool) -> list[Row]:
    """One order over all content types: by age where all have one, else taking turns."""
    turns = [row for row in chain.from_iterable(zip_longest(*backlogs)) if row is not None]
    if by_age:
        turns.sort(key=lambda row: inf if row["age"] is None else row["age"])
    return sorted(turns, key=lambda row: bool(row["unusable"]))
