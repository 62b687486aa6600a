"""What was tried for a title, and what converting this catalog's titles took."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightreel.catalog.connection import Cursor
from nightreel.catalog.records import Attempt, PastConversion
from nightreel.vocabulary.title import Title

_TIMED_BEFORE = 1000
"""The latest attempts among which measured ones are looked for."""

# The size of a release that was replaced is known to nobody any more.
_MEASURED = """
    SELECT a.duration_seconds AS source_seconds, a.processing_seconds, c.bytes, c.files_uploaded AS files
    FROM (
        SELECT * FROM nightreel.attempts WHERE outcome = 'published' ORDER BY ended_at DESC LIMIT %(most)s
    ) a
    JOIN nightreel.conversions c
      ON c.content_type = a.content_type AND c.content_id = a.content_id AND c.release = a.release
    WHERE a.duration_seconds > 0 AND a.processing_seconds > 0
      AND c.bytes IS NOT NULL AND c.files_uploaded IS NOT NULL
    ORDER BY a.ended_at DESC
"""

# Only titles with more attempts than are kept are looked at. What made the published release stays.
_FORGET_ATTEMPTS = """
    WITH long AS (
        SELECT content_type, content_id FROM nightreel.attempts
        GROUP BY content_type, content_id HAVING count(*) > %(kept)s
    ), ranked AS (
        SELECT a.token, a.ended_at, c.release = a.release AS played, row_number() OVER (
            PARTITION BY content_type, content_id ORDER BY a.started_at DESC, a.token) AS place
        FROM nightreel.attempts a JOIN long USING (content_type, content_id)
        JOIN nightreel.conversions c USING (content_type, content_id)
    )
    DELETE FROM nightreel.attempts WHERE token IN (
        SELECT token FROM ranked
        WHERE place > %(kept)s AND ended_at < now() - %(older_than)s AND played IS NOT TRUE
        LIMIT %(most)s
    )
"""
_MOST_FORGOTTEN = 100_000
"""Rows that one transaction deletes; the next run goes on."""


@dataclass(frozen=True, kw_only=True)
class TitleAttempt(Attempt):
    """An attempt in a title's history.

    `timings`: by step, when it began and what it cost, as the steps wrote it.
    """

    job_id: str
    """The title's run; where it is `reserved`, the night that no run of the title came for."""
    reserved: bool
    timings: dict[str, Any]


def attempts(cursor: Cursor, title: Title, limit: int) -> list[TitleAttempt]:
    """The latest attempts of a title, the newest first."""
    cursor.execute(
        "SELECT owner AS job_id, adopted_at IS NULL AS reserved, release, started_at, ended_at, outcome,"
        " reason_code, reason,"
        " duration_seconds, processing_seconds, timings FROM nightreel.attempts"
        " WHERE content_type = %s AND content_id = %s ORDER BY started_at DESC, token LIMIT %s",
        (title.content_type, title.content_id, limit),
    )
    return [TitleAttempt(**row) for row in cursor.fetchall()]


def past_conversions(cursor: Cursor) -> list[PastConversion]:
    """What the latest conversions took whose releases are still the published ones."""
    cursor.execute(_MEASURED, {"most": _TIMED_BEFORE})
    return [PastConversion(**row) for row in cursor.fetchall()]


def forget_attempts(cursor: Cursor, kept: int, older_than: timedelta) -> int:
    """Forgets attempts that ended so long ago, but for the latest `kept` of each title; how many."""
    cursor.execute(_FORGET_ATTEMPTS, {"kept": kept, "older_than": older_than, "most": _MOST_FORGOTTEN})
    return int(cursor.rowcount)


def forget_releases(cursor: Cursor, older_than: timedelta) -> int:
    """Forgets that there were releases which were deleted so long ago; how many."""
    cursor.execute("DELETE FROM nightreel.releases WHERE deleted_at < now() - %s", (older_than,))
    return int(cursor.rowcount)
