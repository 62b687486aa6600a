"""Nights that are cut short or disturbed, and how they go on: runs, tasks, the time, the catalog."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from nightreel.catalog import Claim
from nightreel.catalog.leases import Leases
from nightreel.errors import CatalogUnavailable
from nightreel.orchestration.backlog import convert
from tests.orchestration.installation import Installation
from tests.orchestration.nights import add_movies, adopt, fail, publish, while_waiting
from tests.orchestration.runs import Run, queued_runs, run_dag

Install = Callable[..., Installation]

pytestmark = pytest.mark.usefixtures("nothing_stays_queued")


def test_a_run_that_was_deleted_frees_its_title_and_the_night_goes_on(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install(NIGHTREEL_TITLE_CONCURRENCY="1")
    first, second = add_movies(installation, 1, 2)

    def the_first_is_deleted(_seconds: float) -> None:
        for queued in queued_runs():
            claimed = adopt(installation, queued)
            if queued.title == first:
                queued.delete()
            else:
                publish(installation, claimed)
                queued.end("success")

    while_waiting(monkeypatch, the_first_is_deleted)
    run = run_dag("nightly_backlog")
    assert run.state == "failed"
    assert run.xcom("convert") == {"begun": 2, "left": 0}
    assert installation.conversion(first)["state"] == "pending"
    assert installation.conversion(second)["state"] == "published"
    (report,) = installation.query("SELECT payload FROM nightreel.events WHERE kind = 'backlog_report'")
    assert report["payload"]["counts"] == {"expired": 1, "published": 1}
    assert report["payload"]["failed"] == ["movie 1: the run was deleted, or ended without reporting"]


@pytest.mark.parametrize("marked", ["success", "failed"])
def test_a_reservation_ends_when_its_run_is_over_before_it_began(
    install: Install, monkeypatch: pytest.MonkeyPatch, marked: str
) -> None:
    # As a run that was marked, or whose claim task could not reach the catalog for too long.
    installation = install()
    (title,) = add_movies(installation, 1)

    def marked_by_hand(_seconds: float) -> None:
        for queued in queued_runs():
            queued.end(marked)
        installation.query("UPDATE nightreel.conversions SET claimed_at = now() - interval '1 hour'")

    while_waiting(monkeypatch, marked_by_hand)
    run = run_dag("nightly_backlog")
    assert run.states["convert"] == "success"
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["attempts"]) == ("pending", 0)


def test_a_night_that_was_cleared_converts_again_what_failed(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install()
    titles = add_movies(installation, 1, 2)
    failed = night(installation, {"2": fail})
    assert failed.state == "failed"
    again = night(installation, again=failed)
    assert again.id == failed.id
    assert again.state == "success"
    assert [installation.conversion(title)["state"] for title in titles] == ["published", "published"]
    assert again.xcom("report")["counts"] == {"published": 2}


def test_a_try_that_was_killed_goes_on_with_the_claims_of_the_one_before(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install()
    titles = add_movies(installation, 1, 2)
    start_run, started = convert.title_runs.start_run, []

    def killed_once(night: str, claim: Claim) -> str:
        started.append(claim.token)
        if len(started) == 2:
            raise RuntimeError("killed between the claim and its run")
        return start_run(night, claim)

    def titles_end(_seconds: float) -> None:
        for queued in queued_runs():
            publish(installation, adopt(installation, queued))
            queued.end("success")

    monkeypatch.setattr(convert.title_runs, "start_run", killed_once)
    while_waiting(monkeypatch, titles_end)
    run = run_dag("nightly_backlog")
    assert (run.states["convert"], run.tries("convert")) == ("success", 2)
    assert run.xcom("convert") == {"begun": 2, "left": 0}
    assert len(installation.query("SELECT token FROM nightreel.attempts")) == 2
    assert [installation.conversion(title)["state"] for title in titles] == ["published", "published"]


def test_a_night_whose_time_is_up_begins_no_more_titles_and_is_reported(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install(NIGHTREEL_TITLE_CONCURRENCY="1")
    add_movies(installation, 1, 2, 3)

    def it_gets_late(_seconds: float) -> None:
        late = datetime.now(UTC) + timedelta(days=1)
        monkeypatch.setattr(convert, "now", lambda: late)

    while_waiting(monkeypatch, it_gets_late)
    run = run_dag("nightly_backlog")
    assert run.state == "success"
    assert run.xcom("convert") == {"begun": 1, "left": 2}
    assert run.xcom("report")["counts"] == {"unfinished": 1}
    assert run.xcom("report")["left"] == 2


def test_a_catalog_that_is_away_for_a_while_does_not_end_the_night(
    install: Install, night: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install()
    add_movies(installation, 1)
    held, looks = Leases.held, []

    def away_at_first(leases: Leases) -> object:
        looks.append(leases)
        if 2 <= len(looks) <= 3:
            raise CatalogUnavailable("the catalog database did not answer")
        return held(leases)

    monkeypatch.setattr(Leases, "held", away_at_first)
    run = night(installation)
    assert (run.state, run.tries("convert")) == ("success", 1)
    assert len(looks) > 3
