"""Nights that do not go as planned: paused runs, and nights begun by hand, one after the other."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from airflow.models import DagRun

from nightreel.orchestration.backlog import convert
from nightreel.runs.dags import CONVERT_DAG
from tests.orchestration.installation import Installation
from tests.orchestration.nights import add_movies, adopt, begun, fail, publish, while_waiting
from tests.orchestration.runs import pause, queued_runs, run_dag

Install = Callable[..., Installation]

pytestmark = pytest.mark.usefixtures("nothing_stays_queued")


@pytest.fixture(autouse=True)
def nothing_stays_paused() -> Iterator[None]:
    yield
    pause(CONVERT_DAG, paused=False)


def end_all(installation: Installation, failing: str = "") -> None:
    for queued in queued_runs():
        end = fail if queued.title.content_id == failing else publish
        end(installation, adopt(installation, queued))
        queued.end("success")


def known_to_airflow() -> None:
    """A night of nothing: the DAGs of a run are stored when it begins."""
    run_dag("nightly_backlog")


def test_a_night_waits_while_runs_of_titles_are_paused_and_goes_on_afterwards(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install()
    known_to_airflow()
    add_movies(installation, 1, 2)
    pause(CONVERT_DAG)
    looks = []

    def unpaused_later(_seconds: float) -> None:
        looks.append(len(queued_runs()))
        if len(looks) == 3:
            pause(CONVERT_DAG, paused=False)
        end_all(installation)

    while_waiting(monkeypatch, unpaused_later)
    run = run_dag("nightly_backlog")
    assert looks == [0, 0, 0, 2]
    assert run.state == "success"
    assert run.xcom("report")["counts"] == {"published": 2}


def test_a_night_whose_time_is_up_while_runs_of_titles_are_paused_fails_and_says_so(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install()
    known_to_airflow()
    add_movies(installation, 1, 2)
    pause(CONVERT_DAG)

    def it_gets_late(_seconds: float) -> None:
        late = datetime.now(UTC) + timedelta(days=1)
        monkeypatch.setattr(convert, "now", lambda: late)

    while_waiting(monkeypatch, it_gets_late)
    run = run_dag("nightly_backlog")
    assert (run.states["convert"], run.states["report"]) == ("success", "failed")
    reports = installation.query("SELECT payload FROM nightreel.events WHERE kind = 'backlog_report'")
    told = reports[-1]["payload"]
    assert told["left"] == 2
    assert [sentence.partition(",")[0] for sentence in told["failed"]] == ["convert_title is paused"]
    # Nobody has a claim on what was not begun.
    assert installation.query("SELECT FROM nightreel.attempts") == []


def test_of_two_nights_begun_at_once_the_second_ends_and_takes_what_is_left(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the API, with ids that look alike in the names of runs: the second waits for the first."""
    installation = install(NIGHTREEL_BACKLOG_MAX_TITLES="2")
    titles = add_movies(installation, 1, 2, 3)
    while_waiting(monkeypatch, lambda _seconds: end_all(installation, failing="1"))
    monkeypatch.setattr(DagRun, "generate_run_id", lambda **_: "an-evening")
    first = run_dag("nightly_backlog")
    assert (first.id, first.state) == ("an-evening", "failed")
    assert sorted(begun(installation, first)) == ["1", "2"]

    while_waiting(monkeypatch, lambda _seconds: end_all(installation))
    monkeypatch.setattr(DagRun, "generate_run_id", lambda **_: "anevening")
    second = run_dag("nightly_backlog")
    assert (second.id, second.state) == ("anevening", "success")
    assert sorted(begun(installation, second)) == ["1", "3"]
    assert [installation.conversion(title)["state"] for title in titles] == ["published"] * 3
    runs = installation.query("SELECT owner FROM nightreel.attempts")
    assert len({run["owner"] for run in runs}) == 4
