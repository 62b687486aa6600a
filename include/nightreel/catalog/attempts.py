"""Attempts to convert titles: how each ended, and what past conversions took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightreel.catalog import events
from nightreel.catalog.connection import Connect, Cursor, transaction
from nightreel.catalog.records import Attempt, AttemptOutcome, PastConversion
from nightreel.vocabulary.title import Title

_TIMED_BEFORE = 1000
"""Measured attempts are searched for among this many of the latest."""

# A complete release after a first one took over its tracks, and added only the others.
_MEASURED = """
    SELECT a.duration_seconds AS source_seconds, a.processing_seconds,
           CASE WHEN NOT a.complete THEN 'first' WHEN f.token IS NULL THEN 'whole' ELSE 'rest' END AS part,
           greatest(0, a.bytes - coalesce(f.bytes, 0)) AS bytes,
           greatest(0, a.files - coalesce(f.files, 0)) AS files
    FROM (
        SELECT * FROM nightreel.attempts WHERE outcome = 'published' ORDER BY ended_at DESC LIMIT %(most)s
    ) a
    LEFT JOIN LATERAL (
        SELECT * FROM (
            SELECT * FROM nightreel.attempts e
            WHERE e.content_type = a.content_type AND e.content_id = a.content_id
              AND e.outcome = 'published' AND e.ended_at < a.ended_at
            ORDER BY e.ended_at DESC LIMIT 1
        ) before WHERE a.complete AND NOT before.complete
    ) f ON TRUE
    WHERE a.duration_seconds > 0 AND a.processing_seconds > 0
      AND a.bytes IS NOT NULL AND a.files IS NOT NULL
    ORDER BY a.ended_at DESC
"""

# Looks only at titles with more attempts than are kept. The attempt behind the published release stays.
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
"""How many rows one transaction deletes; the next run continues."""

_OUTCOME = """
    content_type, content_id, token::text AS token, owner AS run_id, release, started_at, ended_at,
    outcome, reason_code, reason, duration_seconds, processing_seconds, complete
"""
_OUTCOMES = f"""
    SELECT {_OUTCOME} FROM nightreel.attempts WHERE token = ANY(%s::uuid[])
    ORDER BY content_type, content_id, started_at
"""  # noqa: S608 - only a constant is put in
_OUTCOMES_OF_NIGHT = f"""
    SELECT DISTINCT ON (content_type, content_id) {_OUTCOME} FROM nightreel.attempts WHERE night = %s
    ORDER BY content_type, content_id, started_at DESC
"""  # noqa: S608 - only a constant is put in
_PUBLISHED_BY_NIGHT = f"""
    SELECT DISTINCT ON (content_type, content_id) {_OUTCOME} FROM nightreel.attempts
    WHERE night = %s AND outcome = 'published' ORDER BY content_type, content_id, started_at DESC
"""  # noqa: S608 - only a constant is put in


@dataclass(frozen=True, kw_only=True)
class TitleAttempt(Attempt):
    """An attempt in a title's history.

    `timings`: by step, when it began and what it cost, as the steps wrote it.
    """

    run_id: str
    """The title's run; if the attempt is `reserved`, the night whose run for the title never came."""
    reserved: bool
    timings: dict[str, Any]
    not_copied: Sequence[str] = ()
    """Why it could not have the source's own picture, or one of its own sounds, as sentences."""


class Attempts:
    """The attempts. Each method is one transaction."""

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
                " duration_seconds, processing_seconds, complete, timings,"
                " coalesce(plan -> 'not_copied', '[]') AS not_copied FROM nightreel.attempts"
                " WHERE content_type = %s AND content_id = %s ORDER BY started_at DESC, token LIMIT %s",
                (title.content_type, title.content_id, limit),
            )
            return [TitleAttempt(**row) for row in cursor.fetchall()]

    def outcomes(self, tokens: Sequence[str]) -> list[AttemptOutcome]:
        """How the attempts with these tokens ended, ordered by title."""
        with transaction(self._connect) as cursor:
            cursor.execute(_OUTCOMES, (list(tokens),))
            return _attempt_outcomes(cursor)

    def outcomes_of_night(self, night: str) -> list[AttemptOutcome]:
        """How each title's latest attempt of this night ended: one that was completed has several."""
        with transaction(self._connect) as cursor:
            cursor.execute(_OUTCOMES_OF_NIGHT, (night,))
            return _attempt_outcomes(cursor)

    def published_by_night(self, night: str) -> list[AttemptOutcome]:
        """The latest attempt of each title that this night published, whatever came of it afterwards."""
        with transaction(self._connect) as cursor:
            cursor.execute(_PUBLISHED_BY_NIGHT, (night,))
            return _attempt_outcomes(cursor)

    def begun_by_night(self, night: str, since: datetime) -> list[Title]:
        """The titles that this night started at this moment or later, by the clock of `now`."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "SELECT DISTINCT content_type, content_id FROM nightreel.attempts"
                " WHERE night = %s AND started_at >= %s ORDER BY content_type, content_id",
                (night, since),
            )
            return [Title(row["content_type"], row["content_id"]) for row in cursor.fetchall()]

    def unpublished_by_night(self, night: str, since: datetime) -> list[Title]:
        """Those of them with an attempt that goes on, or ended without a release."""
        with transaction(self._connect) as cursor:
            cursor.execute(
                "SELECT DISTINCT content_type, content_id FROM nightreel.attempts"
                " WHERE night = %s AND started_at >= %s AND outcome IS DISTINCT FROM 'published'"
                " ORDER BY content_type, content_id",
                (night, since),
            )
            return [Title(row["content_type"], row["content_id"]) for row in cursor.fetchall()]

    def mark_deadline_missed(self, run_id: str, waiting: Title | None = None) -> list[Title]:
        """Records the missed deadline on the titles that this run works on, and returns them.

        A title whose conversion ended in time is not late, however it ended. `waiting` is the title of a
        run that has not started: it is late as long as the run has claimed nothing.
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
        """What the latest conversions that published a release took, the newest first."""
        with transaction(self._connect) as cursor:
            cursor.execute(_MEASURED, {"most": _TIMED_BEFORE})
            return [PastConversion(**row) for row in cursor.fetchall()]

    def forget(self, kept: int, older_than: timedelta) -> int:
        """Forgets attempts that ended this long ago, except each title's latest `kept`; returns how many."""
        values = {"kept": kept, "older_than": older_than, "most": _MOST_FORGOTTEN}
        with transaction(self._connect) as cursor:
            cursor.execute(_FORGET_ATTEMPTS, values)
            return cursor.rowcount


def _attempt_outcomes(cursor: Cursor) -> list[AttemptOutcome]:
    return [
        AttemptOutcome(title=Title(row.pop("content_type"), row.pop("content_id")), **row)
        for row in cursor.fetchall()
    ]
