"""Withdrawing a title's releases: first every row that leads to them, then the files in the bucket.

A title that a person withdraws is quarantined, so that the night leaves it alone until its source
changes, it is requeued, or a person forces it. One whose row is gone is not: should the row come
back, the night converts it again.
"""

from datetime import UTC

import psycopg2
from psycopg2 import sql

from nightreel.catalog.claims import ENTER, end_expired
from nightreel.catalog.connection import Connect, Cursor, Row, transaction
from nightreel.catalog.mapping import MARKS, CatalogMapping, TableMapping
from nightreel.catalog.purges import mark_due
from nightreel.catalog.read_back import differences
from nightreel.catalog.records import Refusal
from nightreel.catalog.refusals import refused
from nightreel.catalog.releases import supersede
from nightreel.catalog.user_rows import fragments, id_array, not_found
from nightreel.errors import ConfigurationError, Permanent
from nightreel.vocabulary.title import Title

CODE = "withdrawn"
_SENTENCE = "a person deleted its releases; requeue it, or convert it with force, to bring it back"
_URLS = ("hls_url", "dash_url", "thumbnail_url")
_CLEARED = (*_URLS, *MARKS)
_SOURCE = ("source_url", "source_version")

_LOCK = """
    SELECT owner, claim_token::text AS token, lease_expires_at, source_url, source_version,
           state = 'claimed' AND lease_expires_at > clock_timestamp() AS held
    FROM nightreel.conversions WHERE content_type = %s AND content_id = %s FOR UPDATE
"""
_WITHDRAW = """
    UPDATE nightreel.conversions
    SET state = %(state)s, reason_code = %(code)s, reason = %(reason)s, warnings = '{}',
        claim_token = NULL, claimed_release = NULL, owner = NULL, lease_expires_at = NULL,
        source_url = %(source_url)s, source_version = %(source_version)s,
        release = NULL, hls_url = NULL, dash_url = NULL, poster_url = NULL, duration_seconds = NULL,
        variants = '[]', files_uploaded = NULL, bytes = NULL, processing_seconds = NULL,
        published_at = NULL, release_fingerprint = NULL, release_warnings = '{}', updated_at = now()
    WHERE content_type = %(content_type)s AND content_id = %(content_id)s
"""
# Only a withdrawal leaves a title that had releases without one, or a first publishing that
# stopped halfway and was given up: its manifests may lead to what no row knows of.
_UNFINISHED = """
    SELECT DISTINCT r.content_type, r.content_id
    FROM nightreel.releases r JOIN nightreel.conversions c
      ON c.content_type = r.content_type AND c.content_id = r.content_id
    WHERE r.superseded_at IS NOT NULL AND r.deleted_at IS NULL AND c.release IS NULL
    ORDER BY r.content_type, r.content_id
"""


class RowIsThere(Permanent):
    """The title was to be withdrawn because its row is gone, but the row exists."""


class Withdrawals:
    """Withdraws titles. Each method is one transaction."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    def withdraw(self, title: Title, *, orphaned: bool = False) -> Refusal | None:
        """Leaves nothing in the database that leads to a release of the title; safe to repeat.

        `orphaned` says that it goes because its row is gone. Returns the refusal while a run has
        the title claimed. Raises TitleNotFound when there was never such a title, RowIsThere when an
        orphaned one has a row, ConfigurationError when the user's table refuses the update.
        """
        table = self._mapping.table_of(title.content_type)
        with transaction(self._connect) as cursor:
            row = _lock(cursor, table, title)
            if row["held"]:
                until = row["lease_expires_at"].astimezone(UTC)
                return Refusal(
                    title,
                    "claimed",
                    f"{title} is claimed by {row['owner']} until {until:%Y-%m-%d %H:%M:%S} UTC",
                )
            source = _source(cursor, table, title)
            if orphaned and source is not None:
                raise RowIsThere(f"{title} has a row in the table {table.table} (again): its releases stay")
            end_expired(cursor, [row["token"]])
            _clear_urls(cursor, table, title)
            cursor.execute(
                _WITHDRAW,
                {
                    "state": "pending" if orphaned else "quarantined",
                    "code": None if orphaned else CODE,
                    "reason": None if orphaned else _SENTENCE,
                    "content_type": title.content_type,
                    "content_id": title.content_id,
                    # Read again: a trigger of the user's may have run. A title may have releases and no row.
                    **(_source(cursor, table, title) or {each: row[each] for each in _SOURCE}),
                },
            )
            mark_due(cursor, title)
            supersede(cursor, title, but=None)
            return None

    def unfinished(self) -> list[Title]:
        """The titles without a release that still have one in the bucket.

        They were withdrawn, or their first publishing stopped halfway.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(_UNFINISHED)
            return [Title(row["content_type"], row["content_id"]) for row in cursor.fetchall()]


def _lock(cursor: Cursor, table: TableMapping, title: Title) -> Row:
    values = {
        "content_type": title.content_type,
        "texts": [title.content_id],
        "ids": id_array([title.content_id]),
    }
    try:
        cursor.execute(sql.SQL(ENTER).format(**fragments(table)), values)
    except psycopg2.DataError as error:
        # "abc" is not the text of any integer.
        raise not_found(title, table) from error
    cursor.execute(_LOCK, (title.content_type, title.content_id))
    row = cursor.fetchone()
    if row is None:
        raise not_found(title, table)
    return row


def _clear_urls(cursor: Cursor, table: TableMapping, title: Title) -> None:
    columns = [column for role, column in table.columns.outputs.items() if role in _CLEARED]
    if not columns:
        return
    assignments = sql.SQL(", ").join(sql.SQL("{} = NULL").format(sql.Identifier(each)) for each in columns)
    with refused(f"table {table.table} refused to clear {', '.join(columns)} of {title}"):
        cursor.execute(
            sql.SQL("UPDATE {relation} t SET {assignments} WHERE {id} = ANY(%s)").format(
                **fragments(table), assignments=assignments
            ),
            (id_array([title.content_id]),),
        )
    if found := differences(cursor, table, title, dict.fromkeys(_URLS)):
        raise ConfigurationError(
            f"table {table.table} took the update of {title} but did not clear it: {'; '.join(found)}; "
            f"a trigger or a rule of {table.table} undoes it: let it keep what is written"
        )


def _source(cursor: Cursor, table: TableMapping, title: Title) -> Row | None:
    """The source as the user's row has it; None where there is no row."""
    cursor.execute(
        sql.SQL(
            "SELECT {url} AS source_url, {version} AS source_version FROM {relation} t WHERE {id} = ANY(%s)"
        ).format(**fragments(table)),
        (id_array([title.content_id]),),
    )
    return cursor.fetchone()
