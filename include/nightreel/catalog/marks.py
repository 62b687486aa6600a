"""The user's columns that say which source of which title the published release was made from.

Few rows are unmarked: those that were never converted, and those whose source changed. A partial index has
them, so that no scan reads the others. A mark is written with the release, in one transaction, and copies
what the row itself says: a copied row, or one whose source changes, is unmarked at once, without a trigger.
"""

from collections.abc import Mapping

from psycopg2 import sql
from psycopg2.sql import Composable

from nightreel.catalog.connection import Cursor
from nightreel.catalog.mapping import MARKS, TableMapping
from nightreel.catalog.records import Claim
from nightreel.catalog.refusals import refused
from nightreel.catalog.user_rows import fragments, id_array
from nightreel.vocabulary.title import Title

# Plain expressions of the columns, because an index allows nothing that depends on a setting: a time as
# text would. A row without a source differs from nothing, so a finished title may lose its own.
_MARK = "({content_type} || {id}::text || ' ' || {video_url}::text)"
_UNMARKED = "({converted_from} IS NULL OR {converted_from} <> {mark})"
_UNMARKED_VERSION = (
    "({converted_from} IS NULL OR {converted_from} <> {mark}"
    " OR {converted_version} IS DISTINCT FROM {source_version})"
)
_FROM = """
    CASE WHEN {url} = %(source_url)s AND {version} IS NOT DISTINCT FROM %(source_version)s::text
         THEN {mark} END
"""


def are_kept(table: TableMapping) -> bool:
    """Whether the user's table has columns for marks."""
    return table.columns.converted_from is not None


def unmarked(content_type: str, table: TableMapping, prefix: str = "t.") -> Composable:
    """SQL: whether the row is unmarked. `prefix` is what stands before its columns."""
    template = _UNMARKED if table.columns.converted_version is None else _UNMARKED_VERSION
    columns = _columns(table, prefix)
    return sql.SQL(template).format(**columns, mark=_mark(content_type, columns))


def values(content_type: str, table: TableMapping) -> Mapping[str, Composable]:
    """What to write, by the role of its column, for a release made from the source that was claimed.

    Nothing marks the row if it names another source by now. The statement's parameters `source_url` and
    `source_version` are the claim's.
    """
    if not are_kept(table):
        return {}
    columns = _columns(table, "t.")
    mark = sql.SQL(_FROM).format(**fragments(table), mark=_mark(content_type, columns))
    version = columns["source_version"] if table.columns.source_version else sql.SQL("NULL")
    return {"converted_from": mark, "converted_version": version}


def write(cursor: Cursor, table: TableMapping, claim: Claim) -> None:
    """Marks the row of a title whose release turned out to be of the claimed source.

    Raises ConfigurationError when the user's table refuses it.
    """
    marked = values(claim.title.content_type, table)
    written = {role: value for role, value in marked.items() if role in table.columns.outputs}
    if not written:
        return
    before = _version_of(cursor, table, claim.title)
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(table.columns.outputs[role]), value)
        for role, value in written.items()
    )
    with refused(f"table {table.table} refused to mark {claim.title} as converted ({', '.join(MARKS)})"):
        cursor.execute(
            sql.SQL("UPDATE {relation} t SET {assignments} WHERE {id} = ANY(%(ids)s)").format(
                **fragments(table), assignments=assignments
            ),
            {"ids": id_array([claim.title.content_id]), **vars(claim)},
        )
    after = _version_of(cursor, table, claim.title)
    if before == claim.source_version != after:
        # A trigger of the user's moved the version on: that is no new source.
        cursor.execute(
            "UPDATE nightreel.conversions SET source_version = %s"
            " WHERE content_type = %s AND content_id = %s",
            (after, claim.title.content_type, claim.title.content_id),
        )


def _version_of(cursor: Cursor, table: TableMapping, title: Title) -> str | None:
    cursor.execute(
        sql.SQL(
            "SELECT {version} AS version FROM {relation} t WHERE {id} = ANY(%s) FOR NO KEY UPDATE"
        ).format(**fragments(table)),
        (id_array([title.content_id]),),
    )
    row = cursor.fetchone()
    return None if row is None or row["version"] is None else str(row["version"])


def _columns(table: TableMapping, prefix: str) -> dict[str, Composable]:
    roles = ("id", "video_url", "source_version", *MARKS)
    named = {role: getattr(table.columns, role) for role in roles}
    return {role: sql.SQL(prefix) + sql.Identifier(name) for role, name in named.items() if name is not None}


def _mark(content_type: str, columns: Mapping[str, Composable]) -> Composable:
    # With the title, because rows are copied with everything in them.
    return sql.SQL(_MARK).format(**columns, content_type=sql.Literal(f"{content_type} "))
