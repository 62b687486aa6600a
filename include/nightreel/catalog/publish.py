"""Publishing: the user's row, the conversion and the history change together, or not at all.

The rows are written first, and committed after the stable manifests: a table that refuses its
row leaves nothing public, and a manifest that cannot be written leaves the row as it was.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict

from psycopg2 import sql

from nightreel.catalog import events, marks
from nightreel.catalog.connection import Connect, Cursor, storable_json, transaction
from nightreel.catalog.leases import add_warnings, hold
from nightreel.catalog.mapping import CatalogMapping, TableMapping
from nightreel.catalog.read_back import differences
from nightreel.catalog.records import Claim, PublishedResult
from nightreel.catalog.refusals import refused
from nightreel.catalog.releases import supersede
from nightreel.catalog.row_lock import RowLock
from nightreel.catalog.tracks import record_tracks
from nightreel.catalog.user_rows import double_id, fragments, id_array, not_found
from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title

_PUBLISH = """
    UPDATE nightreel.conversions
    SET state = 'published', release = claimed_release, published_at = now(),
        claim_token = NULL, claimed_release = NULL, owner = NULL, lease_expires_at = NULL,
        source_version = %(source_version)s, release_fingerprint = source_fingerprint,
        complete = %(complete)s,
        reason_code = NULL, reason = NULL,
        hls_url = %(hls_url)s, dash_url = %(dash_url)s, poster_url = %(poster_url)s,
        duration_seconds = %(duration_seconds)s, variants = %(variants)s,
        files_uploaded = %(files_uploaded)s, bytes = %(bytes)s,
        processing_seconds = %(processing_seconds)s, updated_at = now()
    WHERE claim_token = %(token)s
"""


class Publication:
    """A title that is locked for publishing.

    `already_published` says that an earlier try got as far as its commit: then nothing is
    left to do, neither here nor in the bucket.
    """

    def __init__(self, cursor: Cursor, table: TableMapping, claim: Claim, *, already_published: bool) -> None:
        self._cursor = cursor
        self._table = table
        self._claim = claim
        self._lock = RowLock(cursor, str(claim.title))
        self.already_published = already_published

    def require_lock(self) -> None:
        """To be called right before anything is written: once the lock is gone, others may publish.

        Raises CatalogUnavailable, at the latest when the block ends.
        """
        self._lock.require()

    def complete(self, result: PublishedResult) -> None:
        """Writes the result; it shows when the transaction commits.

        Nothing may be public before: raises TitleNotFound when the user's row is gone, and
        ConfigurationError when the database refuses to update it, updates none or several, or keeps
        something else.
        """
        if self.already_published:
            return
        version = self._update_user_row(result)
        self._cursor.execute(
            _PUBLISH,
            {
                **asdict(result),
                "variants": storable_json([asdict(variant) for variant in result.variants]),
                "source_version": version,
                "token": self._claim.token,
            },
        )
        add_warnings(self._cursor, self._claim.title, result.warnings)
        self._cursor.execute(
            "UPDATE nightreel.attempts SET ended_at = now(), outcome = 'published',"
            " complete = %(complete)s, duration_seconds = %(duration_seconds)s,"
            " processing_seconds = %(processing_seconds)s, bytes = %(bytes)s, files = %(files_uploaded)s"
            " WHERE token = %(token)s",
            {**vars(result), "token": self._claim.token},
        )
        self._supersede()
        claim = self._claim
        events.record_title(self._cursor, "published", claim.run_id, claim.title, claim.name)
        # A constraint of the user's that waits for the commit would refuse what is public by then.
        with self._refused():
            self._cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self._require_written(result)

    def _update_user_row(self, result: PublishedResult) -> str | None:
        """Writes the mapped columns and returns the source version to remember."""
        claim, outputs = self._claim, self._table.columns.outputs
        if not outputs:
            return claim.source_version
        with self._refused():
            before = self._source_version(lock=True)
        values: dict[str, sql.Composable] = {
            role: sql.Literal(value) for role, value in _values(result).items()
        }
        values |= marks.values(claim.title.content_type, self._table)
        assignments = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), values[role])
            for role, column in outputs.items()
        )
        with self._refused():
            self._cursor.execute(
                sql.SQL("UPDATE {relation} t SET {assignments} WHERE {id} = ANY(%(ids)s)").format(
                    **fragments(self._table), assignments=assignments
                ),
                {"ids": id_array([claim.title.content_id]), **vars(claim)},
            )
        self._require_one_row(self._cursor.rowcount)
        # The user's own trigger may move the version on when Nightreel writes the URLs. That is
        # no new source; but a version that moved while the title was being converted is one.
        return self._source_version() if before == claim.source_version else claim.source_version

    def _refused(self) -> AbstractContextManager[None]:
        columns = ", ".join(self._table.columns.outputs.values())
        return refused(f"table {self._table.table} refused the update of {self._claim.title} ({columns})")

    def _require_one_row(self, updated: int) -> None:
        table, title = self._table.table, self._claim.title
        if updated == 0:
            raise ConfigurationError(
                f"table {table} took the update of {title} but changed no row: a trigger or a rule of "
                f"{table} suppresses it ({', '.join(self._table.columns.outputs.values())}); "
                "let it return the row"
            )
        if updated > 1:
            raise double_id(title, self._table, updated)

    def _require_written(self, result: PublishedResult) -> None:
        table, title = self._table.table, self._claim.title
        if found := differences(self._cursor, self._table, title, _values(result)):
            raise ConfigurationError(
                f"table {table} took the update of {title} but did not keep it: {'; '.join(found)}; "
                f"a trigger or a rule of {table} undoes it: let it keep what is written"
            )

    def _source_version(self, *, lock: bool = False) -> str | None:
        query = "SELECT {version} AS version FROM {relation} t WHERE {id} = ANY(%s)"
        self._cursor.execute(
            sql.SQL(query + (" FOR NO KEY UPDATE" if lock else "")).format(**fragments(self._table)),
            (id_array([self._claim.title.content_id]),),
        )
        row = self._cursor.fetchone()
        if row is None:
            raise not_found(self._claim.title, self._table)
        return None if row["version"] is None else str(row["version"])

    def _supersede(self) -> None:
        title, release = self._claim.title, self._claim.release
        supersede(self._cursor, title, but=release)
        self._cursor.execute(
            "UPDATE nightreel.releases SET published_at = now()"
            " WHERE content_type = %s AND content_id = %s AND release = %s",
            (title.content_type, title.content_id, release),
        )


def _values(result: PublishedResult) -> dict[str, object]:
    """By the role of their column."""
    return {
        "hls_url": result.hls_url,
        "dash_url": result.dash_url,
        "thumbnail_url": result.poster_url,
        "duration_seconds": result.duration_seconds,
    }


class Publications:
    """Makes titles public."""

    def __init__(self, connect: Connect, mapping: CatalogMapping) -> None:
        self._connect = connect
        self._mapping = mapping

    @contextmanager
    def holding(
        self, claim: Claim, tracks: Collection[str] = (), timeline: str = ""
    ) -> Iterator[Publication]:
        """Locks the title; `complete(result)` inside, then write the stable manifests.

        `tracks` are those of the release, and `timeline` the one that they share: the release that it
        was made for, if not this one.

        All rows are committed at the end of the block, and undone by an exception in it. Raises
        ClaimLost when the claim no longer owns the title.
        """
        table = self._mapping.table_of(claim.title.content_type)
        with transaction(self._connect) as cursor:
            published = _was_published(cursor, claim.title, claim.release)
            if not published:
                # Committed before any manifest can point at the release: if this process dies
                # between the two, housekeeping must know that the release is in use.
                _announce(cursor, claim, tracks, timeline or claim.release)
        with transaction(self._connect) as cursor:
            if not published:
                hold(cursor, claim)
            yield Publication(cursor, table, claim, already_published=published)

    def warn(self, title: Title, release: str, sentences: Sequence[str]) -> None:
        """Adds the sentences that the title does not carry yet, while this is its release."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "SELECT FROM nightreel.conversions"
                " WHERE content_type = %s AND content_id = %s AND release = %s FOR UPDATE",
                (title.content_type, title.content_id, release),
            )
            if cursor.rowcount:
                add_warnings(cursor, title, sentences)


def _was_published(cursor: Cursor, title: Title, release: str) -> bool:
    cursor.execute(
        "SELECT published_at IS NOT NULL AS published FROM nightreel.releases"
        " WHERE content_type = %s AND content_id = %s AND release = %s",
        (title.content_type, title.content_id, release),
    )
    row = cursor.fetchone()
    return row is not None and bool(row["published"])


def _announce(cursor: Cursor, claim: Claim, tracks: Collection[str], timeline: str) -> None:
    hold(cursor, claim)
    cursor.execute(
        "INSERT INTO nightreel.releases (content_type, content_id, release, timeline) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (claim.title.content_type, claim.title.content_id, claim.release, timeline),
    )
    record_tracks(cursor, claim, tracks)
