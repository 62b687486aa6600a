"""What was tried for a title, and what converting this catalog's titles took."""

from dataclasses import dataclass
from typing import Any

from nightreel.catalog.connection import Cursor
from nightreel.catalog.records import Attempt
from nightreel.forecast import PastConversion
from nightreel.title import Title

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
