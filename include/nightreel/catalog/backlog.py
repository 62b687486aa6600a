"""The backlog: which titles are unconverted, and which have only a first release.

A title is unconverted if it has no release, or its source changed; it is incomplete if its release has
only some of the tracks of its present source. It is left alone while a run has claimed it, while it is
quarantined for its present source, and after its source has failed too often. A row that no run could
ever convert does not count.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from math import inf

from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog.connection import Connect, Cursor, Row, transaction
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.open_rows import (
    OPEN,
    ROW,
    STILL_DOUBLE,
    WAS_DOUBLE,
    Source,
    by_index,
    of_conversions,
    rows_of,
    scan_fragments,
    sources,
)
from nightreel.catalog.records import DOUBLE_ID, MAX_ATTEMPTS, SIZE_CODES, BacklogRow
from nightreel.catalog.user_rows import double_id_sentence, fragments, id_array, usable_id
from nightreel.vocabulary.title import Title

_SORTED = "value DESC NULLS LAST, position, id"
# Without MATERIALIZED the planner sorts the whole table first, expecting most of it to be
# unconverted: on a converted catalog that takes four times as long. What has few rows is asked outside.
_BACKLOG = f"""
    WITH backlog AS MATERIALIZED ({{rows}})
    SELECT * FROM backlog
    WHERE {{usable}} AND NOT (was_double AND content_id IN {STILL_DOUBLE})
    ORDER BY {_SORTED} LIMIT %(limit)s
"""  # noqa: S608 - only constants are put in
_PART = f"""
    (SELECT {ROW}, {{value}} AS value, {{age}} AS age, {{position}} AS position, {{id}} AS id,
            {WAS_DOUBLE} AS was_double
     FROM {{source}} WHERE {{condition}} AND ({{wanted}}) AND {{url}} IS NOT NULL {{first}})
"""  # noqa: S608 - only constants are put in
# In the order of the index of unmarked rows, so that no more are read than are taken.
_FIRST = f"AND {{id_usable}} ORDER BY {_SORTED} LIMIT %(limit)s"

_INCOMPLETE = "coalesce(c.release IS NOT NULL AND NOT c.complete AND NOT {changed}, FALSE)"
_FOR_THE_FIRST_TIME = f"{OPEN} AND NOT {_INCOMPLETE}"
_TO_BE_COMPLETED = f"""
    {_INCOMPLETE} AND (
        c.state IN ('published', 'pending')
        OR (c.state = 'claimed' AND c.lease_expires_at <= now())
        OR (c.state = 'failed' AND c.attempts < %(max_attempts)s))
"""
_SOON = f"""
    {{id}} = ANY(%(soon)s) AND {{id_text}} = ANY(%(soon_texts)s::text[])
    AND NOT coalesce({_TO_BE_COMPLETED}, FALSE)
"""
# The length of what is published is known, whatever the table says.
_LENGTH = "coalesce({duration}, CASE WHEN NOT {changed} THEN c.duration_seconds END)"

_ROWS = f"""
    SELECT {ROW} FROM {{relation}} t
    WHERE {{id}} = ANY(%(ids)s) AND {{id_text}} = ANY(%(texts)s::text[])
"""  # noqa: S608 - only constants are put in

_DOUBLE = """
    SELECT {id_text} AS content_id, count(*) AS rows FROM {relation} t
    WHERE {id} = ANY(%s) AND {id_usable} GROUP BY 1 HAVING count(*) > 1
"""

ANY_SIZE = 2**63 - 1
"""The largest size that a table can give for a source."""


@dataclass(frozen=True)
class Allowed:
    """How often a source may fail before its title stays failed, and how large it may be, in bytes."""

    max_attempts: int
    max_source_bytes: int


@dataclass(frozen=True)
class _Wanted:
    """Which rows: a condition, where they are read from, and the length of their sources.

    `soon` are titles that the condition of a source names.
    """

    condition: str
    sources: Callable[[str, TableMapping, Mapping[str, Composable]], list[Source]]
    duration: str = "{duration}"
    soon: Sequence[Title] = ()

    def values(self, content_type: str) -> dict[str, object]:
        """The parameters for the titles that are named."""
        soon = [title.content_id for title in self.soon if title.content_type == content_type]
        return {"soon": id_array(soon), "soon_texts": soon}


class Backlog:
    """The rows of the user's tables that wait for conversion. Each method is one transaction."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def unconverted(
        self, limit: int, max_source_bytes: int = ANY_SIZE, max_attempts: int = MAX_ATTEMPTS
    ) -> list[BacklogRow]:
        """At most `limit` rows that have an id and a source, the most valuable first, then the oldest."""
        with transaction(self._connect) as cursor:
            return unconverted(cursor, self._mapping, limit, Allowed(max_attempts, max_source_bytes))

    def incomplete(
        self, limit: int, max_attempts: int = MAX_ATTEMPTS, soon: Sequence[Title] = ()
    ) -> list[BacklogRow]:
        """At most `limit` rows of titles with only a first release, in the same order.

        Those that get one `soon` are included. A length that the table lacks is that of the release.
        """
        wanted = _Wanted("TRUE", _with_soon if soon else _to_be_completed, _LENGTH, soon)
        with transaction(self._connect) as cursor:
            return _waiting(cursor, self._mapping, wanted, limit, Allowed(max_attempts, ANY_SIZE))

    def rows(self, titles: Sequence[Title]) -> list[BacklogRow]:
        """The given titles' rows that exist in the user's tables, in the order given."""
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
    """At most `limit` rows that have an id and a source, the most valuable first, then the oldest."""
    return _waiting(cursor, mapping, _Wanted(_FOR_THE_FIRST_TIME, sources), limit, allowed)


def _to_be_completed(_: str, __: TableMapping, pieces: Mapping[str, Composable]) -> list[Source]:
    return [of_conversions(pieces, f"NOT c.complete AND {_TO_BE_COMPLETED}")]


def _with_soon(_: str, __: TableMapping, pieces: Mapping[str, Composable]) -> list[Source]:
    return [*_to_be_completed(_, __, pieces), rows_of(pieces, _SOON)]


def _waiting(
    cursor: Cursor, mapping: CatalogMapping, wanted: _Wanted, limit: int, allowed: Allowed
) -> list[BacklogRow]:
    backlogs = [
        _backlog_of(cursor, content_type, table, wanted, limit, allowed)
        for content_type, table in mapping.content_types.items()
    ]
    rows = _merge(backlogs, by_age=all(_goes_by_age(table) for table in mapping.content_types.values()))
    return with_double_ids(cursor, mapping, [as_row(row) for row in rows[:limit]])


def with_double_ids(cursor: Cursor, mapping: CatalogMapping, rows: Sequence[BacklogRow]) -> list[BacklogRow]:
    """The rows. Each one is marked if another row, whatever it contains, has the same id."""
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
    if not told:
        return list(rows)
    return [replace(row, double_id=told[row.title]) if row.title in told else row for row in rows]


def _backlog_of(
    cursor: Cursor, content_type: str, table: TableMapping, wanted: _Wanted, limit: int, allowed: Allowed
) -> list[Row]:
    pieces = scan_fragments(cursor, table)
    pieces |= {
        "duration": sql.SQL(wanted.duration).format(**pieces),
        "age": _age(table),
        "position": sql.SQL("t.{}").format(sql.Identifier(table.position)),
        "wanted": sql.SQL(wanted.condition).format(**pieces),
        "usable": usable_id(sql.Identifier("content_id")),
    }
    found = wanted.sources(content_type, table, pieces)
    parts = [_part(source, pieces) for source in found]
    statement = sql.SQL(_BACKLOG).format(**pieces, rows=sql.SQL(" UNION ALL ").join(parts))
    with by_index(cursor, few=any(source.few for source in found)):
        cursor.execute(statement, scan_values(content_type, limit, allowed) | wanted.values(content_type))
        return list(cursor.fetchall())


def _part(source: Source, pieces: Mapping[str, Composable]) -> Composable:
    first = sql.SQL(_FIRST if source.few else "").format(**pieces)
    return sql.SQL(_PART).format(**pieces, source=source.relation, condition=source.condition, first=first)


def _age(table: TableMapping) -> Composable:
    if table.columns.created_at is None:
        return sql.SQL("NULL::float8")
    return sql.SQL("extract(epoch FROM t.{})::float8").format(sql.Identifier(table.columns.created_at))


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
    """Merges all content types: by value, then by age if all have one, otherwise in turns."""
    turns = [row for row in chain.from_iterable(zip_longest(*backlogs)) if row is not None]
    if by_age:
        turns.sort(key=lambda row: inf if row["age"] is None else row["age"])
    turns.sort(key=lambda row: -inf if row["value"] is None else row["value"], reverse=True)
    return turns
