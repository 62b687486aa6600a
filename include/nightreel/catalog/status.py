"""How far each title is."""

from collections.abc import Sequence
from itertools import islice

import psycopg2
from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog.connection import Cursor, Row
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.records import TitleStatus, Variant
from nightreel.catalog.user_rows import fragments, id_array
from nightreel.vocabulary.states import State
from nightreel.vocabulary.title import Title

STATUS_COLUMNS = """
           %(content_type)s AS content_type, {id_text} AS content_id, {name} AS title,
           coalesce(c.state, 'pending') AS state, c.reason_code, c.reason,
           c.hls_url, c.dash_url, c.poster_url, c.duration_seconds,
           coalesce(c.variants, '[]') AS variants, c.files_uploaded, c.bytes, c.processing_seconds,
           c.release, EXISTS (
               SELECT FROM nightreel.content_keys k
               WHERE k.content_type = c.content_type AND k.content_id = c.content_id
                 AND k.release = c.release
           ) AS encrypted,
           coalesce(c.attempts, 0) AS attempts, coalesce(c.warnings, '{{}}') AS warnings,
           c.deadline_missed_at
"""
"""The fields of TitleStatus, over the user's table and what `STATUS_JOIN` brings."""

STATUS_JOIN = """
    {relation} t
    LEFT JOIN nightreel.conversions c
           ON c.content_type = %(content_type)s AND c.content_id = {id_text}
"""

_STATUS = f"""
    SELECT {STATUS_COLUMNS} FROM {STATUS_JOIN}
    WHERE {{conditions}}
    ORDER BY {{id}}
    LIMIT %(limit)s
"""  # noqa: S608 - only constants are put in


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
    pieces = fragments(table)
    conditions: list[Composable] = [sql.SQL("TRUE")]
    if content_id is not None:
        Title(content_type, content_id)
        conditions.append(sql.SQL("{id} = ANY(%(ids)s)").format(**pieces))
    if states is not None:
        # A title without a row is pending; else the index on state finds the few that are wanted.
        column = "coalesce(c.state, 'pending')" if "pending" in states else "c.state"
        conditions.append(sql.SQL(f"{column} = ANY(%(states)s)"))
    if reason_codes is not None:
        conditions.append(sql.SQL("c.reason_code = ANY(%(reason_codes)s)"))
    cursor.execute("SAVEPOINT before_status")
    try:
        cursor.execute(
            sql.SQL(_STATUS).format(**pieces, conditions=sql.SQL(" AND ").join(conditions)),
            {
                "content_type": content_type,
                "ids": id_array([] if content_id is None else [content_id]),
                "states": list(states or ()),
                "reason_codes": list(reason_codes or ()),
                "limit": limit,
            },
        )
    except psycopg2.DataError:
        # The id is of another type than this table's column: no such title here.
        cursor.execute("ROLLBACK TO SAVEPOINT before_status")
        return []
    return [_status(row) for row in cursor.fetchall()]


def _status(row: Row) -> TitleStatus:
    return TitleStatus(**status_fields(row))


def status_fields(row: Row) -> Row:
    """The row with its variants and warnings as TitleStatus has them."""
    return row | {
        "variants": tuple(Variant.from_json(variant) for variant in row["variants"]),
        "warnings": tuple(row["warnings"]),
    }
