"""What the catalog knows of a job: of the run that has a title, or had it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg2
from psycopg2 import sql

from nightreel.catalog.claims import not_found
from nightreel.catalog.connection import Cursor
from nightreel.catalog.mapping import CatalogMapping
from nightreel.catalog.records import Outcome
from nightreel.catalog.user_rows import fragments, id_array
from nightreel.title import Title

# What else a step recorded (the programs it ran, memory) is most of it, and not asked for here.
_STEPS = """
    coalesce((SELECT jsonb_object_agg(step.key, jsonb_build_object(
                  'began', step.value -> 'began', 'seconds', step.value -> 'seconds'))
              FROM jsonb_each(a.timings) step WHERE step.value ?& '{began,seconds}'), '{}') AS steps
"""

# A claim that no task has taken up yet may be the reservation of a night.
_ATTEMPT = f"""
    SELECT content_type, content_id, release, started_at, ended_at, outcome, reason_code, reason,
           duration_seconds, processing_seconds, {_STEPS}
    FROM nightreel.attempts a
    WHERE owner = %s AND NOT EXISTS (
        SELECT FROM nightreel.conversions c WHERE c.claim_token = a.token AND c.adopted_at IS NULL)
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
    VALUES (%(job_id)s, %(content_type)s, %(content_id)s, %(percent)s)
    ON CONFLICT (job_id) DO UPDATE SET percent = greatest(j.percent, excluded.percent)
    RETURNING percent
"""


@dataclass(frozen=True)
class StepTime:
    """When a step began (seconds since the epoch) and how many seconds it took."""

    began: float
    seconds: float


@dataclass(frozen=True)
class JobAttempt:
    """The latest claim of a job, and how it ended; `outcome` is None while it lasts.

    `duration_seconds` is the length of the published video, `processing_seconds` what it took.
    `steps` are those that were done, by name; a mapped one has its label after the name.
    """

    title: Title
    release: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    reason_code: str | None
    reason: str | None
    duration_seconds: float | None
    processing_seconds: float | None
    steps: Mapping[str, StepTime]


@dataclass(frozen=True)
class RunningJob:
    """A run that works on a title."""

    title: Title
    job_id: str


@dataclass(frozen=True)
class ConversionTimes:
    """What each step of a published conversion took. `duration_seconds` is the video's length."""

    duration_seconds: float
    steps: Mapping[str, StepTime]


def attempt_of(cursor: Cursor, job_id: str) -> JobAttempt | None:
    """The latest attempt of a job: a run that was cleared has several. None if it has claimed nothing."""
    cursor.execute(_ATTEMPT, (job_id,))
    row = cursor.fetchone()
    if row is None:
        return None
    title, steps = Title(row.pop("content_type"), row.pop("content_id")), row.pop("steps")
    return JobAttempt(title=title, steps=_steps(steps), **row)


def raise_percent(cursor: Cursor, job_id: str, title: Title, percent: float) -> float:
    """Remembers how far a job is, and returns the farthest that it ever was."""
    cursor.execute(
        _RAISE_PERCENT,
        {
            "job_id": job_id,
            "content_type": title.content_type,
            "content_id": title.content_id,
            "percent": percent,
        },
    )
    row = cursor.fetchone()
    return float(row["percent"]) if row else percent


def running(cursor: Cursor) -> list[RunningJob]:
    """The runs that work on a title now, by title.

    What a night has reserved is not among them before its run has begun.
    """
    cursor.execute(
        "SELECT content_type, content_id, owner FROM nightreel.conversions"
        " WHERE state = 'claimed' AND adopted_at IS NOT NULL ORDER BY content_type, content_id"
    )
    return [
        RunningJob(Title(row["content_type"], row["content_id"]), row["owner"]) for row in cursor.fetchall()
    ]


def conversion_times(cursor: Cursor, limit: int) -> list[ConversionTimes]:
    """What the steps of the latest published conversions took."""
    cursor.execute(_TIMES, (limit,))
    return [ConversionTimes(row["duration_seconds"], _steps(row["steps"])) for row in cursor.fetchall()]


def source_of(cursor: Cursor, mapping: CatalogMapping, title: Title) -> str | None:
    """The title's `video_url`, None if it has none. Raises TitleNotFound."""
    table = mapping.table_of(title.content_type)
    query = sql.SQL("SELECT {url} AS url FROM {relation} t WHERE {id} = ANY(%s) AND {id_text} = %s")
    try:
        cursor.execute(query.format(**fragments(table)), (id_array([title.content_id]), title.content_id))
    except psycopg2.DataError:
        # "abc" is not the text of any integer.
        raise not_found(title, table) from None
    row = cursor.fetchone()
    if row is None:
        raise not_found(title, table)
    return None if row["url"] is None else str(row["url"])


def _steps(recorded: Mapping[str, Any]) -> dict[str, StepTime]:
    return {name: StepTime(**times) for name, times in recorded.items()}
