"""The library: all titles of all content types, by page, and single titles."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

import psycopg2
from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog.connection import Connect, Cursor, storable, transaction
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.records import TitleStatus
from nightreel.catalog.status import STATUS_COLUMNS, STATUS_JOIN, status_fields
from nightreel.catalog.titles import as_stored
from nightreel.catalog.user_rows import fragments, id_array
from nightreel.vocabulary.states import State
from nightreel.vocabulary.title import Title

_ENTRIES = """
    SELECT {content_type} AS content_type, {id_text} AS content_id,
           coalesce(c.state, 'pending') AS state, c.updated_at
    FROM {relation} t {kind} JOIN nightreel.conversions c
           ON c.content_type = {content_type} AND c.content_id = {id_text}
    WHERE {conditions}
"""
# By length first, so that 9 comes before 10 although ids are compared as text.
_PAGE = """
    SELECT content_type, content_id FROM ({entries}) entries
    ORDER BY state = 'claimed' DESC, updated_at DESC NULLS LAST, content_type, length(content_id), content_id
    LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = "SELECT count(*) AS total FROM ({entries}) entries"
_COUNTS = """
    SELECT coalesce(c.state, 'pending') AS state, count(*) AS titles
    FROM {relation} t LEFT JOIN nightreel.conversions c
      ON c.content_type = %(content_type)s AND c.content_id = {id_text}
    WHERE {conditions}
    GROUP BY 1
"""
# A claim that no run has adopted yet is a night's reservation.
_RECORDS = f"""
    SELECT {STATUS_COLUMNS}, c.published_at, c.updated_at,
           CASE WHEN c.state = 'claimed' AND c.adopted_at IS NOT NULL THEN c.owner END AS run_id
    FROM {STATUS_JOIN} WHERE {{id}} = ANY(%(ids)s) AND {{id_text}} = ANY(%(texts)s::text[])
"""  # noqa: S608 - only constants are put in


@dataclass(frozen=True)
class TitleRecord(TitleStatus):
    """A title as the library shows it.

    `run_id` is the run that has claimed it. It is None while a night has reserved the title and its run
    has not started. `updated_at` is None for a title that was never claimed.
    """

    published_at: datetime | None
    updated_at: datetime | None
    run_id: str | None

    @property
    def identity(self) -> tuple[str, str]:
        """Content type and id. The id of a user's row need not be valid for a Title."""
        return self.content_type, self.content_id


@dataclass(frozen=True)
class LibraryQuery:
    """Which titles, and which page of them. None means all; `text` is searched for in names and ids."""

    states: Sequence[State] | None = None
    content_type: str | None = None
    text: str | None = None
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True)
class LibraryPage:
    """A page of the matching titles, and how many match in total."""

    records: tuple[TitleRecord, ...]
    total: int


class Library:
    """The titles of the user's tables, with what the catalog knows about each.

    Each method is one transaction. `page` and `count_by_state` read every row of the tables in the query:
    for a million rows, they take about a second each.
    """

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def page(self, query: LibraryQuery) -> LibraryPage:
        """The titles of a query: those in progress first, then by their latest change, newest first."""
        tables = _tables(self._mapping, query.content_type)
        if not tables:
            return LibraryPage((), 0)
        values = {
            "states": list(query.states or ()),
            "pattern": _containing(query.text or ""),
            "limit": query.limit,
            "offset": query.offset,
        }
        entries = sql.SQL(" UNION ALL ").join(_entries(*entry, query) for entry in tables.items())
        with transaction(self._connect) as cursor:
            cursor.execute(sql.SQL(_COUNT).format(entries=entries), values)
            (counted,) = cursor.fetchall()
            cursor.execute(sql.SQL(_PAGE).format(entries=entries), values)
            found = [(str(row["content_type"]), str(row["content_id"])) for row in cursor.fetchall()]
            records = _records(cursor, tables, found)
        return LibraryPage(tuple(records[each] for each in found if each in records), counted["total"])

    def count_by_state(self, content_type: str | None = None, text: str | None = None) -> dict[State, int]:
        """How many titles are in each state: of one type (None: of all), with the text in name or id."""
        counts: dict[State, int] = dict.fromkeys(get_args(State), 0)
        with transaction(self._connect) as cursor:
            for each, table in _tables(self._mapping, content_type).items():
                values = {"content_type": each, "pattern": _containing(text or "")}
                pieces = fragments(table)
                statement = sql.SQL(_COUNTS).format(**pieces, conditions=_matches(pieces, text))
                cursor.execute(statement, values)
                for row in cursor.fetchall():
                    counts[row["state"]] += row["titles"]
        return counts

    def find(self, title: Title) -> TitleRecord | None:
        """One title; None when the user's table has no such row."""
        with transaction(self._connect) as cursor:
            stored = as_stored(cursor, self._mapping, title)
            identity = (stored.content_type, stored.content_id)
            try:
                return _records(cursor, self._mapping.content_types, [identity]).get(identity)
            except psycopg2.DataError:
                # "abc" is not the text of any integer.
                return None


def _tables(mapping: CatalogMapping, content_type: str | None) -> dict[str, TableMapping]:
    return {each: table for each, table in mapping.content_types.items() if content_type in (None, each)}


def _entries(content_type: str, table: TableMapping, query: LibraryQuery) -> Composable:
    pieces = fragments(table)
    conditions = [_matches(pieces, query.text)]
    kind = "LEFT"
    if query.states is not None and "pending" in query.states:
        conditions.append(sql.SQL("coalesce(c.state, 'pending') = ANY(%(states)s)"))
    elif query.states is not None:
        conditions.append(sql.SQL("c.state = ANY(%(states)s)"))
        kind = "INNER"
    return sql.SQL(_ENTRIES).format(
        **pieces,
        content_type=sql.Literal(content_type),
        kind=sql.SQL(kind),
        conditions=sql.SQL(" AND ").join(conditions),
    )


def _matches(pieces: Mapping[str, Composable], text: str | None) -> Composable:
    """Whether the name or the id contains the text; without a text, nothing has to be compared."""
    condition = "({name} ILIKE %(pattern)s OR {id_text} ILIKE %(pattern)s)" if text else "TRUE"
    return sql.SQL(condition).format(**pieces)


def _containing(text: str) -> str:
    """An ILIKE pattern for what contains this text literally."""
    escaped = storable(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _records(
    cursor: Cursor, tables: dict[str, TableMapping], identities: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], TitleRecord]:
    by_type: dict[str, list[str]] = defaultdict(list)
    for content_type, content_id in identities:
        by_type[content_type].append(content_id)
    found: dict[tuple[str, str], TitleRecord] = {}
    for content_type, content_ids in by_type.items():
        if content_type not in tables:
            continue
        cursor.execute(
            sql.SQL(_RECORDS).format(**fragments(tables[content_type])),
            {"content_type": content_type, "ids": id_array(content_ids), "texts": content_ids},
        )
        for row in cursor.fetchall():
            record = TitleRecord(**status_fields(row))
            found[record.identity] = record
    return found
