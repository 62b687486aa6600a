"""What the catalog knows about runs that own or owned a title."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightreel.catalog.connection import Connect, transaction
from nightreel.catalog.records import Attempt
from nightreel.vocabulary.title import Title

# Most of what steps record (programs, memory) is not read here.
_STEPS = """
    coalesce((SELECT jsonb_object_agg(step.key, jsonb_build_object(
                  'began', step.value -> 'began', 'seconds', step.value -> 'seconds'))
              FROM jsonb_each(a.timings) step WHERE step.value ?& '{began,seconds}'), '{}') AS steps
"""

# A night's claim that the title's run has not adopted, or never did, is a reservation.
_ATTEMPT = f"""
    SELECT content_type, content_id, release, started_at, ended_at, outcome, reason_code, reason,
           duration_seconds, processing_seconds, complete, {_STEPS}
    FROM nightreel.attempts a
    WHERE owner = %s AND (night IS NULL OR adopted_at IS NOT NULL)
    ORDER BY started_at DESC, token LIMIT 1
"""  # noqa: S608 - only a constant is put in

_TIMES = f"""
    SELECT duration_seconds, {_STEPS}
    FROM nightreel.attempts a
    WHERE outcome = 'published' AND duration_seconds > 0
    ORDER BY ended_at DESC LIMIT %s
"""  # noqa: S608 - only a constant is put in

_RAISE_PERCENT = """
    INSERT INTO nightreel.jobs AS j (job_id, content_type, content_id, percent)
    VALUES (%(run_id)s, %(content_type)s, %(content_id)s, %(percent)s)
    ON CONFLICT (job_id) DO UPDATE SET percent = greatest(j.percent, excluded.percent)
    RETURNING percent
"""
_RUNNING = """
    SELECT content_type, content_id, owner FROM nightreel.conversions
    WHERE state = 'claimed' AND adopted_at IS NOT NULL ORDER BY content_type, content_id
"""


@dataclass(frozen=True)
class StepTime:
    """When a step began (seconds since the epoch) and how many seconds it took."""

    began: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class RunAttempt(Attempt):
    """The latest attempt of a run.

    `steps` are the completed ones, by name; a mapped one has its label after the name.
    """

    title: Title
    steps: Mapping[str, StepTime]


@dataclass(frozen=True)
class RunAtWork:
    """A run that works on a title."""

    title: Title
    run_id: str


@dataclass(frozen=True)
class ConversionTimes:
    """What each step of a published conversion took. `duration_seconds` is the video's length."""

    duration_seconds: float
    steps: Mapping[str, StepTime]


class RunRecords:
    """The runs that the catalog knows. Each method is one transaction."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def attempt_of(self, run_id: str) -> RunAttempt | None:
        """A run's latest attempt (a cleared run has several); None if it claimed nothing."""
        with transaction(self._connect) as cursor:
            cursor.execute(_ATTEMPT, (run_id,))
            row = cursor.fetchone()
        if row is None:
            return None
        title, steps = Title(row.pop("content_type"), row.pop("content_id")), row.pop("steps")
        return RunAttempt(title=title, steps=_steps(steps), **row)

    def raise_percent(self, run_id: str, title: Title, percent: float) -> float:
        """Stores a run's progress, and returns the highest so far."""
        values = {
            "run_id": run_id,
            "content_type": title.content_type,
            "content_id": title.content_id,
            "percent": percent,
        }
        with transaction(self._connect) as cursor:
            cursor.execute(_RAISE_PERCENT, values)
            (row,) = cursor.fetchall()
        return float(row["percent"])

    def running(self) -> list[RunAtWork]:
        """The runs that work on a title now, by title.

        A title that a night has reserved is not included before its run has started.
        """
        with transaction(self._connect) as cursor:
            cursor.execute(_RUNNING)
            return [
                RunAtWork(Title(row["content_type"], row["content_id"]), row["owner"])
                for row in cursor.fetchall()
            ]

    def conversion_times(self, limit: int) -> list[ConversionTimes]:
        """What the steps of the latest published conversions took."""
        with transaction(self._connect) as cursor:
            cursor.execute(_TIMES, (limit,))
            return [
                ConversionTimes(row["duration_seconds"], _steps(row["steps"])) for row in cursor.fetchall()
            ]

    def forget(self, older_than: timedelta) -> int:
        """Forgets the progress of runs that was first requested this long ago; returns how many."""
        with transaction(self._connect) as cursor:
            cursor.execute("DELETE FROM nightreel.jobs WHERE created_at < now() - %s", (older_than,))
            return cursor.rowcount


def _steps(recorded: Mapping[str, Any]) -> dict[str, StepTime]:
    return {name: StepTime(**times) for name, times in recorded.items()}
