"""The state of each title."""

from collections.abc import Mapping, Sequence
from itertools import islice

import psycopg2
from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog.connection import Cursor, Row
from nightreel.catalog.encrypted import ENCRYPTED
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.open_rows import Source, by_index, every_row, of_conversions, scan_fragments, sources
from nightreel.catalog.records import TitleStatus, Variant
from nightreel.catalog.user_rows import id_array
from nightreel.vocabulary.states import State
from nightreel.vocabulary.title import Title

STATUS_COLUMNS = (
    """
           %(content_type)s AS content_type, {id_text} AS content_id, {name} AS title,
           coalesce(c.state, 'pending') AS state, c.reason_code, c.reason,
           c.hls_url, c.dash_url, c.poster_url, c.duration_seconds,
           coalesce(c.variants, '[]') AS variants, c.files_uploaded, c.bytes, c.processing_seconds,
           c.release, CASE WHEN c.release IS NOT NULL THEN c.complete END AS complete, """
    + ENCRYPTED
    + """ AS encrypted,
           coalesce(c.attempts, 0) AS attempts, coalesce(c.warnings, '{{}}') AS warnings,
           c.deadline_missed_at
"""
)
"""The fields of TitleStatus, from the user's table and what `STATUS_JOIN` adds."""

STATUS_JOIN = """
    {relation} t
    LEFT JOIN nightreel.conversions c
           ON c.content_type = %(content_type)s AND c.content_id = {id_text}
"""

_PART = f"""
    SELECT {STATUS_COLUMNS}, {{id}} AS id FROM {{source}} WHERE {{condition}} AND {{conditions}}
"""  # noqa: S608 - only constants are put in
_STATUS = "SELECT * FROM ({parts}) found ORDER BY id LIMIT %(limit)s"


def statuses(
    cursor: Cursor,
    mapping: CatalogMapping,
    *,
    content_type: str | None,
    content_id: str | None,
    states: Sequence[State] | None,
    limit: int | None,
    reason_codes: Sequence[str] | None = None,
) -> list[TitleStatus]:
    """The titles of the user's tables, by content type and id."""
    content_types = list(mapping.content_types) if content_type is None else [content_type]
    found = (
        status
        for each in content_types
        for status in _statuses_of(
            cursor, each, mapping.table_of(each), content_id, states, reason_codes, limit
        )
    )
    return list(islice(found, limit))


def _statuses_of(
    cursor: Cursor,
    content_type: str,
    table: TableMapping,
    content_id: str | None,
    states: Sequence[State] | None,
    reason_codes: Sequence[str] | None,
    limit: int | None,
) -> list[TitleStatus]:
    pieces = scan_fragments(cursor, table)
    conditions: list[Composable] = [sql.SQL("TRUE")]
    if content_id is not None:
        Title(content_type, content_id)
        conditions.append(sql.SQL("{id} = ANY(%(ids)s)").format(**pieces))
    if states is not None:
        conditions.append(sql.SQL("coalesce(c.state, 'pending') = ANY(%(states)s)"))
    if reason_codes is not None:
        conditions.append(sql.SQL("c.reason_code = ANY(%(reason_codes)s)"))
    found = _sources(content_type, table, pieces, states)
    parts = [
        sql.SQL(_PART).format(
            **pieces,
            source=source.relation,
            condition=source.condition,
            conditions=sql.SQL(" AND ").join(conditions),
        )
        for source in found
    ]
    cursor.execute("SAVEPOINT before_status")
    try:
        with by_index(cursor, few=any(source.few for source in found)):
            cursor.execute(
                sql.SQL(_STATUS).format(parts=sql.SQL(" UNION ALL ").join(parts)),
                {
                    "content_type": content_type,
                    "ids": id_array([] if content_id is None else [content_id]),
                    "states": list(states or ()),
                    "reason_codes": list(reason_codes or ()),
                    "limit": limit,
                },
            )
            return [_status(row) for row in cursor.fetchall()]
    except psycopg2.DataError:
        # The id has another type than this table's column, so there is no such title here.
        cursor.execute("ROLLBACK TO SAVEPOINT before_status")
        return []


def _sources(
    content_type: str,
    table: TableMapping,
    pieces: Mapping[str, Composable],
    states: Sequence[State] | None,
) -> list[Source]:
    """Where the titles in these states are found. A title without a conversion is pending."""
    if states is None or "published" in states:
        return [every_row(pieces)]
    if "pending" in states:
        return sources(content_type, table, pieces)
    return [of_conversions(pieces, "c.state = ANY(%(states)s)")]


def _status(row: Row) -> TitleStatus:
    return TitleStatus(**status_fields({name: row[name] for name in row if name != "id"}))


def status_fields(row: Row) -> Row:
    """The row, with its variants and warnings as in TitleStatus."""
    return row | {
        "variants": tuple(Variant.from_json(variant) for variant in row["variants"]),
        "warnings": tuple(row["warnings"]),
    }
