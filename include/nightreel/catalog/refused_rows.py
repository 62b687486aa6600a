"""Rows that no run could convert: refused before any run, and quarantined until they change."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extras import execute_values

from nightreel.catalog import marks
from nightreel.catalog.backlog import ANY_SIZE, Allowed, as_row, scan_values, with_double_ids
from nightreel.catalog.claims import ENTER
from nightreel.catalog.connection import Connect, Cursor, Row, storable, transaction
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.open_rows import (
    OPEN,
    ROW,
    STILL_DOUBLE,
    WAS_DOUBLE,
    by_index,
    scan_fragments,
    sources,
)
from nightreel.catalog.records import MAX_ATTEMPTS, ROW_CODES, BacklogRow, RowRefusal, TitleStatus
from nightreel.catalog.status import statuses
from nightreel.catalog.user_rows import fragments, id_array
from nightreel.vocabulary.title import Title

# Only if nothing was ever published: an owner may remove the source of a finished title.
_WITHOUT_SOURCE = f"""
    SELECT {ROW} FROM {{source}}
    WHERE {{condition}} AND {OPEN} AND NOT ({WAS_DOUBLE} AND {{id_text}} IN {STILL_DOUBLE})
      AND {{url}} IS NULL AND c.release IS NULL AND {{id_usable}}
"""  # noqa: S608 - only constants are put in

_MALFORMED = """
    SELECT left({id_text}, %(longest)s) AS content_id, count(*) OVER () AS total
    FROM {relation} t WHERE {unmarked} AND {id_malformed} LIMIT %(examples)s
"""
_EXAMPLES = 5
_LONGEST_EXAMPLE = 60

# The row may have changed since it was judged; then the next night judges it.
_REFUSE = """
    WITH judged (content_id, code, sentence, bytes, url, version) AS (VALUES %s), held AS (
        SELECT c.content_id FROM nightreel.conversions c JOIN judged j ON j.content_id = c.content_id
        WHERE c.content_type = {content_type} AND c.state <> 'claimed'
        ORDER BY c.content_id FOR UPDATE OF c SKIP LOCKED
    )
    UPDATE nightreel.conversions c
    SET state = 'quarantined', reason_code = j.code, reason = j.sentence, warnings = '{{}}',
        source_url = j.url, source_version = j.version, source_bytes = j.bytes,
        fetched_from = NULL, source_etag = NULL, source_fingerprint = NULL,
        deadline_missed_at = NULL, updated_at = now()
    FROM held JOIN judged j ON j.content_id = held.content_id
              JOIN {relation} t ON {id} = ANY({ids}) AND {id_text} = held.content_id
    WHERE c.content_type = {content_type} AND c.content_id = held.content_id
      AND {url} IS NOT DISTINCT FROM j.url AND {version} IS NOT DISTINCT FROM j.version
    RETURNING c.content_id
"""
_VALUES = "(%s, %s, %s, %s::bigint, %s::text, %s::text)"


@dataclass(frozen=True)
class MalformedIds:
    """Rows with ids that no title can have: how many, and the beginnings of a few."""

    count: int
    examples: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The sentence about them; empty if there are none."""
        if not self.count:
            return ""
        return (
            f"{self.count} row{'' if self.count == 1 else 's'}, such as {', '.join(self.examples)}: "
            "the id is not made of letters, digits, - and _ (an integer or a UUID)"
        )


class RefusedRows:
    """The rows that no run could convert. Each method is one transaction."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def without_source(self, limit: int, max_source_bytes: int = ANY_SIZE) -> list[BacklogRow]:
        """At most `limit` rows without a video URL whose title was not refused for that yet."""
        found: list[BacklogRow] = []
        with transaction(self._connect) as cursor:
            for content_type, table in self._mapping.content_types.items():
                values = scan_values(
                    content_type, limit - len(found), Allowed(MAX_ATTEMPTS, max_source_bytes)
                )
                found += _without_source(cursor, content_type, table, values)
            return with_double_ids(cursor, self._mapping, found)

    def malformed_ids(self) -> MalformedIds:
        """The rows with ids that no title can have: they can be reported, but not stored."""
        count, examples = 0, list[str]()
        with transaction(self._connect) as cursor:
            for content_type, table in self._mapping.content_types.items():
                values: dict[str, object] = {"longest": _LONGEST_EXAMPLE, "examples": _EXAMPLES}
                rows = _malformed(cursor, content_type, table, values)
                count += rows[0]["total"] if rows else 0
                examples += [f"{content_type} {row['content_id']!r}" for row in rows]
        return MalformedIds(count, tuple(examples[:_EXAMPLES]))

    def refuse(self, refusals: Sequence[RowRefusal]) -> list[Title]:
        """Quarantines the titles of these rows, except those that were changed or claimed meanwhile.

        Sends no event: the night's report covers all of them.
        """
        by_type: dict[str, list[RowRefusal]] = defaultdict(list)
        for refusal in refusals:
            by_type[refusal.row.content_type].append(refusal)
        with transaction(self._connect) as cursor:
            return [
                title
                for content_type in sorted(by_type)
                for title in _refuse(
                    cursor, content_type, self._mapping.table_of(content_type), by_type[content_type]
                )
            ]

    def standing(self, limit: int) -> list[TitleStatus]:
        """At most `limit` titles that are quarantined because of their row."""
        with transaction(self._connect) as cursor:
            return statuses(
                cursor,
                self._mapping,
                content_type=None,
                content_id=None,
                states=("quarantined",),
                reason_codes=ROW_CODES,
                limit=limit,
            )


def _without_source(
    cursor: Cursor, content_type: str, table: TableMapping, values: dict[str, object]
) -> list[BacklogRow]:
    pieces = scan_fragments(cursor, table)
    found = sources(content_type, table, pieces)
    parts = [
        sql.SQL(_WITHOUT_SOURCE).format(**pieces, source=source.relation, condition=source.condition)
        for source in found
    ]
    with by_index(cursor, few=any(source.few for source in found)):
        cursor.execute(sql.SQL(" UNION ALL ").join(parts) + sql.SQL(" LIMIT %(limit)s"), values)
        return [as_row(row) for row in cursor.fetchall()]


def _malformed(
    cursor: Cursor, content_type: str, table: TableMapping, values: dict[str, object]
) -> list[Row]:
    # Such a row was never converted.
    few = marks.are_kept(table)
    unmarked = marks.unmarked(content_type, table) if few else sql.SQL("TRUE")
    with by_index(cursor, few=few):
        cursor.execute(sql.SQL(_MALFORMED).format(**scan_fragments(cursor, table), unmarked=unmarked), values)
        return list(cursor.fetchall())


def _refuse(
    cursor: Cursor, content_type: str, table: TableMapping, refusals: Sequence[RowRefusal]
) -> list[Title]:
    content_ids = [refusal.row.content_id for refusal in refusals]
    pieces = fragments(table)
    cursor.execute(
        sql.SQL(ENTER).format(**pieces),
        {"content_type": content_type, "texts": content_ids, "ids": id_array(content_ids)},
    )
    statement = sql.SQL(_REFUSE).format(
        **pieces, content_type=sql.Literal(content_type), ids=sql.Literal(id_array(content_ids))
    )
    judged = [
        (
            refusal.row.content_id,
            refusal.code,
            storable(refusal.sentence),
            refusal.source_bytes,
            refusal.row.video_url,
            refusal.row.source_version,
        )
        for refusal in refusals
    ]
    # As one page, so that RETURNING covers all of them.
    rows = execute_values(cursor, statement, judged, template=_VALUES, page_size=len(judged), fetch=True)
    return [Title(content_type, row["content_id"]) for row in rows]
