"""Which releases are in use, and which may go.

One whose publishing began and was not done may be what viewers get, and a process that was stopped
in it may still write a stable manifest: it counts as replaced only once no such request can succeed.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import timedelta

from psycopg2.extras import execute_values

from nightreel.catalog.connection import Connect, Cursor, transaction
from nightreel.catalog.encrypted import ENCRYPTED
from nightreel.catalog.records import Claim
from nightreel.catalog.row_lock import RowLock
from nightreel.storage.late_writes import LATE_WRITES
from nightreel.vocabulary.title import Title

_PAGE = 1000
"""Releases that one statement asks after."""

_UNKNOWN = """
    SELECT v.content_type, v.content_id, v.release
    FROM (VALUES %s) AS v(content_type, content_id, release)
    JOIN nightreel.conversions c ON c.content_type = v.content_type AND c.content_id = v.content_id
    WHERE c.claimed_release IS DISTINCT FROM v.release AND c.release IS DISTINCT FROM v.release
      AND NOT EXISTS (
          SELECT FROM nightreel.releases r
          WHERE r.content_type = v.content_type AND r.content_id = v.content_id
            AND r.release = v.release AND r.deleted_at IS NULL)
"""
_USED = """
    SELECT v.content_type, v.content_id, v.release
    FROM (VALUES %s) AS v(content_type, content_id, release)
    WHERE EXISTS (
        SELECT FROM nightreel.releases r
        WHERE r.content_type = v.content_type AND r.content_id = v.content_id
          AND r.release = v.release AND r.deleted_at IS NULL
    ) OR EXISTS (
        SELECT FROM nightreel.conversions c
        WHERE c.content_type = v.content_type AND c.content_id = v.content_id
          AND v.release IN (c.release, c.claimed_release)
    )
"""

_TO_COMPLETE = f"""
    SELECT c.release FROM nightreel.conversions c
    WHERE claim_token = %(token)s AND NOT forced AND c.release IS NOT NULL AND NOT c.complete
      AND source_fingerprint = release_fingerprint
      AND coalesce(%(encrypt)s = {ENCRYPTED}, TRUE)
"""  # noqa: S608 - only a constant is put in

# Announced by a claim that is gone, so that nobody can go on publishing it.
_GIVE_UP_ABANDONED = """
    UPDATE nightreel.releases r SET superseded_at = now() + %s
    FROM nightreel.conversions c
    WHERE c.content_type = r.content_type AND c.content_id = r.content_id
      AND r.published_at IS NULL AND r.superseded_at IS NULL AND r.deleted_at IS NULL
      AND c.claimed_release IS DISTINCT FROM r.release
    RETURNING r.content_type, r.content_id, r.release
"""
_HALF_PUBLISHED = """
    SELECT DISTINCT c.content_type, c.content_id, c.release
    FROM nightreel.releases r JOIN nightreel.conversions c
      ON c.content_type = r.content_type AND c.content_id = r.content_id
    WHERE r.published_at IS NULL AND r.superseded_at IS NOT NULL AND r.deleted_at IS NULL
      AND c.release IS NOT NULL AND ((c.content_type, c.content_id) = (%s, %s) OR %s)
    ORDER BY c.content_type, c.content_id
"""


class ReleaseRecords:
    """The releases that lie in the bucket. Each method is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def superseded(self, older_than: timedelta, title: Title | None = None) -> list[tuple[Title, str]]:
        """The releases, of one title or of all, replaced so long ago that still lie in the bucket."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "SELECT content_type, content_id, release FROM nightreel.releases"
                " WHERE superseded_at <= now() - %s AND deleted_at IS NULL"
                " AND ((content_type, content_id) = (%s, %s) OR %s) ORDER BY superseded_at",
                (older_than, *((None, None) if title is None else astuple(title)), title is None),
            )
            return [
                (Title(row["content_type"], row["content_id"]), row["release"]) for row in cursor.fetchall()
            ]

    def to_complete(self, claim: Claim) -> str | None:
        """The first release that this claim's title has of the source that was fetched.

        None where there is nothing to complete: no such release, a complete one, one of another source,
        or one that is to be made anew, because a person wants that or the choice of encryption changed.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(_TO_COMPLETE, {"token": claim.token, "encrypt": claim.encrypt})
            row = cursor.fetchone()
            return None if row is None else str(row["release"])

    def mark_deleted(self, title: Title, release: str) -> None:
        """Remembers that a superseded release is gone from the bucket."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "UPDATE nightreel.releases SET deleted_at = now() WHERE content_type = %s AND content_id = %s"
                " AND release = %s AND superseded_at IS NOT NULL AND deleted_at IS NULL",
                (title.content_type, title.content_id, release),
            )

    def unknown(self, candidates: Collection[tuple[Title, str]]) -> set[tuple[Title, str]]:
        """Those releases that are neither played nor being made, of titles that this catalog has converted.

        A title that was never claimed here is unknown: its releases may be another catalog's.
        """
        return self._among(_UNKNOWN, candidates)

    def used(self, candidates: Collection[tuple[Title, str]]) -> set[tuple[Title, str]]:
        """Those of the releases that are or may be played, or are being made."""
        return self._among(_USED, candidates)

    def _among(self, query: str, candidates: Collection[tuple[Title, str]]) -> set[tuple[Title, str]]:
        rows = [(title.content_type, title.content_id, release) for title, release in candidates]
        if not rows:
            return set()
        with transaction(self._connect) as cursor:
            found = execute_values(cursor, query, rows, page_size=_PAGE, fetch=True)
            return {(Title(row["content_type"], row["content_id"]), row["release"]) for row in found}

    def give_up(self, title: Title, release: str) -> bool:
        """Gives up a release whose publication began but did not finish; False if it had not begun.

        Safe to repeat.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(
                "UPDATE nightreel.releases SET superseded_at = coalesce(superseded_at, now() + %s)"
                " WHERE content_type = %s AND content_id = %s AND release = %s"
                " AND published_at IS NULL AND deleted_at IS NULL",
                (LATE_WRITES, title.content_type, title.content_id, release),
            )
            return cursor.rowcount > 0

    def give_up_abandoned(self) -> list[tuple[Title, str]]:
        """Gives up those whose publication began, and whose claim ended without the run's own clean-up."""
        with transaction(self._connect) as cursor:
            cursor.execute(_GIVE_UP_ABANDONED, (LATE_WRITES,))
            return [
                (Title(row["content_type"], row["content_id"]), row["release"]) for row in cursor.fetchall()
            ]

    def half_published(self, title: Title | None = None) -> list[tuple[Title, str]]:
        """The titles, or this one, whose viewers may get a release that was given up, and their release."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                _HALF_PUBLISHED, (*((None, None) if title is None else astuple(title)), title is None)
            )
            return [
                (Title(row["content_type"], row["content_id"]), row["release"]) for row in cursor.fetchall()
            ]

    @contextmanager
    def holding(self, title: Title, release: str | None) -> Iterator[RowLock | None]:
        """Locks the title, so that nobody publishes it meanwhile; None unless this is its release.

        Without a release, nothing that the catalog knows leads to its stable manifests.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(
                "SELECT release FROM nightreel.conversions WHERE content_type = %s AND content_id = %s"
                " FOR UPDATE",
                (title.content_type, title.content_id),
            )
            row = cursor.fetchone()
            current = None if row is None else row["release"]
            yield RowLock(cursor, str(title)) if current == release else None

    def ever(self, title: Title) -> list[str]:
        """All releases that a title had, the deleted ones too, oldest first."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "SELECT release FROM nightreel.releases WHERE content_type = %s AND content_id = %s"
                " ORDER BY release",
                (title.content_type, title.content_id),
            )
            return [row["release"] for row in cursor.fetchall()]

    def known(self, title: Title) -> set[str]:
        """The releases of a title that must stay: published, announced, or being made.

        Anything else under the title's prefix was left by a run that died.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(
                "SELECT release FROM nightreel.releases"
                " WHERE content_type = %(type)s AND content_id = %(id)s AND deleted_at IS NULL"
                " UNION SELECT claimed_release FROM nightreel.conversions"
                " WHERE content_type = %(type)s AND content_id = %(id)s AND claimed_release IS NOT NULL",
                {"type": title.content_type, "id": title.content_id},
            )
            return {row["release"] for row in cursor.fetchall()}

    def forget(self, older_than: timedelta) -> int:
        """Forgets releases that were deleted so long ago; returns how many."""
        with transaction(self._connect) as cursor:
            cursor.execute("DELETE FROM nightreel.releases WHERE deleted_at < now() - %s", (older_than,))
            return cursor.rowcount


def supersede(cursor: Cursor, title: Title, *, but: str | None) -> None:
    """All releases of a title are replaced, but for this one."""
    cursor.execute(
        "UPDATE nightreel.releases"
        " SET superseded_at = now() + CASE WHEN published_at IS NULL THEN %s ELSE interval '0' END"
        " WHERE content_type = %s AND content_id = %s AND release IS DISTINCT FROM %s"
        " AND superseded_at IS NULL",
        (LATE_WRITES, title.content_type, title.content_id, but),
    )
