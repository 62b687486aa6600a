"""Which rows of the user's tables are open: nothing keeps a run from converting their present source.

In SQL, as pieces of statements. Where the rows are read from decides how long that takes, and nothing else.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog import marks
from nightreel.catalog.connection import Cursor
from nightreel.catalog.id_columns import id_fragments
from nightreel.catalog.mapping import TableMapping
from nightreel.catalog.user_rows import fragments

ROW = """
    %(content_type)s AS content_type, {id_text} AS content_id, {name} AS name,
    {url} AS video_url, {version} AS source_version, {bytes} AS source_bytes, {duration} AS source_duration
"""
"""The fields of a BacklogRow."""

# A row that was refused for its size is examined again once the size is acceptable: its column was
# corrected, or the setting raised. A size that a run measured itself is not remembered.
OPEN = """
    (c.content_id IS NULL
     OR c.state = 'pending'
     OR (c.state = 'claimed' AND c.lease_expires_at <= now())
     OR (c.state = 'failed' AND c.attempts < %(max_attempts)s)
     OR (c.state <> 'claimed' AND {changed})
     OR (c.state = 'quarantined' AND c.reason_code = %(double_id)s)
     OR (c.state = 'quarantined' AND c.reason_code = ANY(%(size_codes)s) AND c.source_bytes IS NOT NULL
         AND coalesce({bytes}, c.source_bytes) BETWEEN 1 AND %(max_source_bytes)s))
"""
"""Whether the row is open, unless it `WAS_DOUBLE` and is `STILL_DOUBLE`."""

WAS_DOUBLE = "coalesce(c.state = 'quarantined' AND c.reason_code = %(double_id)s, FALSE)"
"""Whether the row was refused because others have its id. It is examined again once no other has it."""

STILL_DOUBLE = """(
    SELECT {id_text} FROM nightreel.conversions c JOIN {relation} t ON {same_id}
    WHERE c.content_type = %(content_type)s AND c.state = 'quarantined' AND c.reason_code = %(double_id)s
    GROUP BY 1 HAVING count(*) > 1)
"""
"""The ids that still are double: counted once per statement, and not at all if no row was refused for it."""

_EVERY_ROW = """
    {relation} t LEFT JOIN nightreel.conversions c
      ON c.content_type = %(content_type)s AND c.content_id = {id_text}
"""
# OFFSET looks up one conversion after the other: the planner takes most rows for unmarked, and would
# read all conversions.
_EACH_ROW = """
    {relation} t LEFT JOIN LATERAL (
        SELECT * FROM nightreel.conversions WHERE content_type = %(content_type)s AND content_id = {id_text}
        OFFSET 0) c ON TRUE
"""
_OF_CONVERSIONS = """
    nightreel.conversions c JOIN {relation} t ON c.content_type = %(content_type)s AND {same_id}
"""
_UNPUBLISHED = "c.state IN ('pending', 'claimed', 'quarantined', 'failed')"


@dataclass(frozen=True)
class Source:
    """Where rows `t` are read from, each with its conversion `c` or with nulls, and on what condition.

    `few`: the condition leaves few rows, and the planner does not know.
    """

    relation: Composable
    condition: Composable
    few: bool = False


def scan_fragments(cursor: Cursor, table: TableMapping) -> dict[str, Composable]:
    """What the pieces of this module name in braces, for the table."""
    return fragments(table) | id_fragments(cursor, table)


def sources(content_type: str, table: TableMapping, pieces: Mapping[str, Composable]) -> list[Source]:
    """Where every open row is found, and each only once.

    Without marks, every row is compared with its conversion. With marks, a published title whose row is
    marked is not open, so only unmarked rows and unpublished titles are read.
    """
    if not marks.are_kept(table):
        return [every_row(pieces)]
    unmarked = sql.SQL("{} AND coalesce(c.state, 'published') = 'published'").format(
        marks.unmarked(content_type, table)
    )
    return [
        Source(sql.SQL(_EACH_ROW).format(**pieces), unmarked, few=True),
        of_conversions(pieces, _UNPUBLISHED),
    ]


def every_row(pieces: Mapping[str, Composable]) -> Source:
    """All rows."""
    return Source(sql.SQL(_EVERY_ROW).format(**pieces), sql.SQL("TRUE"))


def of_conversions(pieces: Mapping[str, Composable], condition: str) -> Source:
    """The rows whose conversions meet a condition: their ids are looked up in the user's table."""
    return Source(sql.SQL(_OF_CONVERSIONS).format(**pieces), sql.SQL(condition).format(**pieces))


def rows_of(pieces: Mapping[str, Composable], condition: str) -> Source:
    """The rows that meet a condition that an index of the user's table answers."""
    return Source(sql.SQL(_EACH_ROW).format(**pieces), sql.SQL(condition).format(**pieces))


@contextmanager
def by_index(cursor: Cursor, *, few: bool) -> Iterator[None]:
    """Within the block, if only few rows are to be read, the planner uses an index for them.

    It expects almost all rows, and would read the table, or start workers, for which it takes longer.
    """
    if not few:
        yield
        return
    cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL max_parallel_workers_per_gather = 0")
    yield
    cursor.execute(
        "SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL max_parallel_workers_per_gather TO DEFAULT"
    )
