"""Nights of a test.

A night queues real runs of `convert_title`. There is no scheduler here to work on them: while the
night waits, each queued run ends as the test says.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from nightreel.catalog import Claim, PublishedResult
from nightreel.orchestration.backlog import convert
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.runs import QueuedRun, Run, queued_runs, run_dag

End = Callable[[Installation, Claim], None]
RESULT = PublishedResult("", "", None, 3600.0, (), 1, 1, 1.0)


def publish(installation: Installation, claimed: Claim) -> None:
    with installation.catalog.publications.holding(claimed) as publication:
        publication.complete(RESULT)


def publish_first(installation: Installation, claimed: Claim) -> None:
    with installation.catalog.publications.holding(claimed) as publication:
        publication.complete(replace(RESULT, complete=False))


def fail(installation: Installation, claimed: Claim) -> None:
    installation.catalog.verdicts.fail(claimed, "encoder_failed", "transcode: FFmpeg ended with exit code 1")


def quarantine(installation: Installation, claimed: Claim) -> None:
    installation.catalog.verdicts.quarantine(claimed, "no_video", "there is no picture in it")


def adopt(installation: Installation, run: QueuedRun) -> Claim:
    return installation.catalog.leases.adopt(run.title, run.token, run.id, installation.settings.lease)


def while_waiting(monkeypatch: pytest.MonkeyPatch, happens: Callable[[float], None]) -> None:
    """What happens while the night waits to look again."""
    monkeypatch.setattr(convert.time, "sleep", happens)


def add_movies(installation: Installation, *numbers: int) -> list[Title]:
    return [installation.add_movie(number, f"sources/{number}.mp4") for number in numbers]


def begun(installation: Installation, run: Run) -> list[str]:
    rows = installation.query(
        "SELECT content_id FROM nightreel.attempts WHERE night = %s ORDER BY started_at", run.id
    )
    return [row["content_id"] for row in rows]


def run_night(
    monkeypatch: pytest.MonkeyPatch,
    installation: Installation,
    ends: dict[str, End] | None = None,
    again: Run | None = None,
) -> Run:
    """Runs `nightly_backlog`. Its titles end as `ends` says by id, or else are published."""

    def titles_end(_seconds: float) -> None:
        for queued in queued_runs():
            claimed = adopt(installation, queued)
            (ends or {}).get(queued.title.content_id, publish)(installation, claimed)
            queued.end("success")

    while_waiting(monkeypatch, titles_end)
    return run_dag("nightly_backlog", again=again)
