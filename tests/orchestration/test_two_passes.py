"""A night in two passes: first releases of everything new, then completions, those of tonight among them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.orchestration.installation import Installation
from tests.orchestration.nights import RESULT, add_movies, adopt, fail, while_waiting
from tests.orchestration.runs import Run, queued_runs, run_dag

Install = Callable[..., Installation]

pytestmark = pytest.mark.usefixtures("nothing_stays_queued")


@pytest.fixture
def two_passes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Run, list[str]]]:
    """Runs a night; returns its run, and what was done in which order.

    A title that has no release gets a first one, and any other is completed; completions of `failing`
    titles fail.
    """

    def night(
        installation: Installation, failing: str = "", again: Run | None = None
    ) -> tuple[Run, list[str]]:
        done: list[str] = []

        def runs_end(_seconds: float) -> None:
            for queued in queued_runs():
                claim = adopt(installation, queued)
                content_id, first = (
                    queued.title.content_id,
                    installation.conversion(queued.title)["release"] is None,
                )
                done.append(f"{content_id} {'first' if first else 'completed'}")
                if content_id == failing and not first:
                    fail(installation, claim)
                else:
                    with installation.catalog.publications.holding(claim) as publication:
                        publication.complete(replace(RESULT, complete=not first))
                queued.end("success")

        while_waiting(monkeypatch, runs_end)
        return run_dag("nightly_backlog", again=again), done

    return night


def test_everything_new_is_published_first_and_then_completed(
    install: Install, two_passes: Callable[..., tuple[Run, list[str]]]
) -> None:
    installation = install(NIGHTREEL_TITLE_CONCURRENCY="1")
    add_movies(installation, 1, 2)
    run, done = two_passes(installation)
    assert run.state == "success"
    assert done == ["1 first", "2 first", "1 completed", "2 completed"]


def test_each_pass_has_its_own_cap_and_what_is_over_waits_for_the_next_night(
    install: Install, two_passes: Callable[..., tuple[Run, list[str]]]
) -> None:
    installation = install(
        NIGHTREEL_TITLE_CONCURRENCY="1",
        NIGHTREEL_BACKLOG_MAX_TITLES="2",
        NIGHTREEL_BACKLOG_MAX_COMPLETIONS="1",
    )
    add_movies(installation, 1, 2, 3)
    assert two_passes(installation)[1] == ["1 first", "2 first", "1 completed"]
    assert two_passes(installation)[1] == ["3 first", "2 completed"]


def test_a_completion_that_failed_is_not_tried_twice_a_night(
    install: Install, two_passes: Callable[..., tuple[Run, list[str]]]
) -> None:
    installation = install(NIGHTREEL_TITLE_CONCURRENCY="1")
    add_movies(installation, 1, 2)
    run, done = two_passes(installation, failing="1")
    assert (run.state, done) == ("failed", ["1 first", "2 first", "1 completed", "2 completed"])
    # Cleared, the same night scans again: the title is another attempt's, and does not hold up the night.
    assert two_passes(installation, again=run)[1] == ["1 completed"]
