"""Attempts to convert titles, how each ended, and what conversions in this catalog took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightreel.catalog import events
from nightreel.catalog.connection import Connect, Cursor, transaction
from nightreel.catalog.records import Attempt, AttemptOutcome, PastConversion
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

_OUTCOME = """
    content_type, content_id, token::text AS token, owner AS run_id, release, started_at, ended_at,
    outcome, reason_code, reason, duration_seconds, processing_seconds
"""
_OUTCOMES = f"""
    SELECT {_OUTCOME} FROM nightreel.attempts WHERE token = ANY(%s::uuid[])
    ORDER BY content_type, content_id, started_at
"""  # noqa: S608 - only a constant is put in
_OUTCOMES_OF_NIGHT = f"""
    SELECT DISTINCT ON (content_type, content_id) {_OUTCOME} FROM nightreel.attempts WHERE night = %s
    ORDER BY content_type, content_id, started_at DESC
"""  # noqa: S608 - only a constant is put in


@dataclass(frozen=True, kw_only=True)
class TitleAttempt(Attempt):
    """An attempt in a title's history.

    `timings`: by step, when it began and what it cost, as the steps wrote it.
    """

    run_id: str
    """The title's run; where it is `reserved`, the night that no run of the title came for."""
    reserved: bool
    timings: dict[str, Any]


class Attempts:
    """What was tried. Each method is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def now(self) -> datetime:
        """The database's clock, by which attempts are dated."""
        with transaction(self._connect) as cursor:
            cursor.execute("SELECT now() AS now")
            (row,) = cursor.fetchall()
            moment: datetime = row["now"]
            return moment

    def of(self, title: Title, limit: int = 100) -> list[TitleAttempt]:
        """The latest attempts of a title, the newest first."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "SELECT owner AS run_id, adopted_at IS NULL AS reserved, release, started_at, ended_at,"
                " outcome, reason_code, reason,"
                " duration_seconds, processing_seconds, timings FROM nightreel.attempts"
                " WHERE content_type = %s AND content_id = %s ORDER BY started_at DESC, token LIMIT %s",
                (title.content_type, title.content_id, limit),
            )
            return [TitleAttempt(**row) for row in cursor.fetchall()]

    def outcomes(self, tokens: Sequence[str]) -> list[AttemptOutcome]:
        """How the attempts with these tokens ended, in the order of their titles."""
        with transaction(self._connect) as cursor:
            cursor.execute(_OUTCOMES, (list(tokens),))
            return _attempt_outcomes(cursor)

    def outcomes_of_night(self, night: str) -> list[AttemptOutcome]:
        """How the latest attempt of each title of this night ended: a title that was cleared has several."""
        with transaction(self._connect) as cursor:
            cursor.execute(_OUTCOMES_OF_NIGHT, (night,))
            return _attempt_outcomes(cursor)

    def begun_by_night(self, night: str, since: datetime) -> list[Title]:
        """The titles that this night began at this moment or later, by the clock of `now`."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "SELECT DISTINCT content_type, content_id FROM nightreel.attempts"
                " WHERE night = %s AND started_at >= %s ORDER BY content_type, content_id",
                (night, since),
            )
            return [Title(row["content_type"], row["content_id"]) for row in cursor.fetchall()]

    def mark_deadline_missed(self, run_id: str, waiting: Title | None = None) -> list[Title]:
        """Records the miss on the titles that this run works on, and returns them.

        A title whose conversion ended in time is not late, however it ended. `waiting` is the title
        of a run that was not begun: it is late while the run has claimed nothing.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(
                "UPDATE nightreel.conversions c SET deadline_missed_at = now(), updated_at = now()"
                " FROM (SELECT DISTINCT content_type, content_id FROM nightreel.attempts"
                "       WHERE owner = %s AND ended_at IS NULL) a"
                " WHERE c.content_type = a.content_type AND c.content_id = a.content_id"
                " RETURNING c.content_type, c.content_id",
                (run_id,),
            )
            titles = sorted(Title(row["content_type"], row["content_id"]) for row in cursor.fetchall())
            if waiting is not None and not titles:
                cursor.execute("SELECT FROM nightreel.attempts WHERE owner = %s LIMIT 1", (run_id,))
                if cursor.fetchone() is not None:
                    return []
                titles = [waiting]
            events.record_missed_deadline(cursor, run_id, titles)
            return titles

    def past_conversions(self) -> list[PastConversion]:
        """What the latest conversions took whose releases are still the published ones."""
        with transaction(self._connect) as cursor:
            cursor.execute(_MEASURED, {"most": _TIMED_BEFORE})
            return [PastConversion(**row) for row in cursor.fetchall()]

    def forget(self, kept: int, older_than: timedelta) -> int:
        """Forgets attempts that ended so long ago, except the latest `kept` of each title; how many."""
        values = {"kept": kept, "older_than": older_than, "most": _MOST_FORGOTTEN}
        with transaction(self._connect) as cursor:
            cursor.execute(_FORGET_ATTEMPTS, values)
            return cursor.rowcount


def _attempt_outcomes(cursor: Cursor) -> list[AttemptOutcome]:
    return [
        AttemptOutcome(title=Title(row.pop("content_type"), row.pop("content_id")), **row)
        for row in cursor.fetchall()
    ]
