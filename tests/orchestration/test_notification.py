"""Who is told how a run ended, and what that may cost the run: nothing."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from airflow.sdk import DAG

from nightreel.catalog import Claim
from nightreel.settings import settings
from nightreel.vocabulary.title import Title
from tests.notify.listener import PATH, SECRET, Listener, listening
from tests.notify.test_page import EXAMPLES
from tests.orchestration.installation import Installation
from tests.orchestration.runs import Run, convert, run_dag
from tests.orchestration.test_deadlines import miss

NOWHERE = "sources/nowhere.mp4"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def person() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def told(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Names those who are told from now on; what other tests left behind is too old to be told to them."""
    installation.query("UPDATE nightreel.events SET occurred_at = occurred_at - interval '1 day'")

    def name(webhook: Listener, person: Listener | None = None) -> None:
        monkeypatch.setenv("NIGHTREEL_WEBHOOK_URLS", webhook.url)
        monkeypatch.setenv("NIGHTREEL_WEBHOOK_SECRET", SECRET)
        monkeypatch.setenv("NIGHTREEL_RETRIES", "0")
        monkeypatch.setenv("NIGHTREEL_APPRISE_URLS", person.apprise_url if person else "")
        settings.cache_clear()

    yield name
    monkeypatch.undo()
    settings.cache_clear()


def test_a_title_is_published_though_its_receiver_is_away_and_is_told_of_when_it_is_back(
    installation: Installation,
    film: Path,
    told: Callable[..., None],
    listener: Listener,
    person: Listener,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    told(listener, person)
    listener.answers = [500] * 10
    title = installation.add_movie(78, film)
    with caplog.at_level(logging.DEBUG):
        run = convert(title, ladder=["240p"])
    assert (run.states["notify"], run.state) == ("failed", "success")
    assert installation.conversion(title)["state"] == "published"
    assert [message["title"] for message in person.messages] == ["Published: Movie 78"]

    listener.answers.clear()
    house = run_dag("housekeeping", pretend="(?!notifications$).*")
    assert house.states["notifications"] == "success"
    assert set(listener.types) == {"title.published"}
    assert len({request.event_id for request in listener.requests}) == 1
    data = listener.told[-1]["data"]
    assert (data["job_id"], data["hls_url"]) == (run.id, installation.movie(title)["hls_url"])
    assert len(person.messages) == 1

    written = caplog.text + "".join(capfd.readouterr())
    assert f"http://127.0.0.1:{listener.port} answered 500" in written
    for secret in (PATH, SECRET.removeprefix("whsec_")):
        assert secret not in written


def test_a_quarantined_title_is_told_of_though_the_receiver_fails_twice_and_its_run_stays_failed(
    installation: Installation, told: Callable[..., None], listener: Listener
) -> None:
    told(listener)
    listener.answers = [500, 503]
    run = convert(installation.add_movie(72, NOWHERE))
    assert (run.states["notify"], run.tries("notify"), run.state) == ("success", 3, "failed")
    assert listener.types == ["title.quarantined"] * 3
    assert len({request.event_id for request in listener.requests}) == 1
    data = listener.told[-1]["data"]
    assert (data["reason_code"], data["title"]) == ("source_missing", "Movie 72")


def untold(dag: DAG) -> None:
    """A run whose task is killed: nobody says why it failed, until the clean-up does."""
    dag.task_dict["fetch"].on_failure_callback = ()


def test_a_title_whose_run_was_killed_is_told_of_after_the_cleanup(
    installation: Installation, told: Callable[..., None], listener: Listener
) -> None:
    told(listener)
    title = installation.add_movie(73, NOWHERE)
    run = run_dag("convert_title", {"content_type": "movie", "content_id": title.content_id}, change=untold)
    assert (run.states["notify"], run.state) == ("success", "failed")
    assert [(each["type"], each["data"]["reason_code"]) for each in listener.told] == [
        ("title.failed", "run_ended")
    ]


def test_a_run_that_claimed_nothing_has_nothing_to_tell(
    installation: Installation, told: Callable[..., None], listener: Listener
) -> None:
    told(listener)
    run = convert(Title("movie", "999999"))
    assert run.state == "failed"
    assert listener.requests == []


def test_where_nobody_is_to_be_told_the_task_succeeds_without_the_catalog(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NIGHTREEL_CATALOG", "postgres://nobody@127.0.0.1:1/nothing")
    run = run_dag("nightly_backlog", pretend="(?!notify$).*")
    assert (run.states["notify"], run.tries("notify")) == ("success", 1)


def a_night(installation: Installation) -> Run:
    """One that never gets to its titles, which is soon over."""
    return run_dag("nightly_backlog", pretend="(?!report$|notify$).*")


def test_a_night_is_told_of_and_a_failed_one_stays_failed(
    installation: Installation, told: Callable[..., None], listener: Listener
) -> None:
    told(listener)
    run = a_night(installation)
    assert (run.states["report"], run.states["notify"], run.state) == ("failed", "success", "failed")
    (content,) = listener.told
    assert content["type"] == "backlog.reported"
    assert content["data"]["job_id"] == run.id
    assert set(content["data"]) == set(EXAMPLES["backlog.reported"]["data"])
    assert "before all titles had started" in content["data"]["failed"][0]


def late(installation: Installation, content_id: int, run_id: str) -> None:
    title = installation.add_movie(content_id, NOWHERE)
    assert isinstance(installation.catalog.claims.one(title, run_id, installation.settings.lease), Claim)


def test_a_missed_deadline_is_told_of_at_once(
    installation: Installation, told: Callable[..., None], listener: Listener
) -> None:
    told(listener)
    late(installation, 74, "manual__late_and_told")
    miss({"dag_run_id": "manual__late_and_told"})
    (content,) = listener.told
    assert content["type"] == "run.deadline_missed"
    assert content["data"]["titles"] == [{"content_type": "movie", "content_id": "74"}]


def test_a_missed_deadline_that_cannot_be_told_at_once_is_left_to_housekeeping(
    installation: Installation, told: Callable[..., None], listener: Listener
) -> None:
    told(listener)
    listener.answers = [500]
    late(installation, 75, "manual__late_and_untold")
    miss({"dag_run_id": "manual__late_and_untold"})
    assert len(listener.requests) == 1
    run_dag("housekeeping", pretend="(?!notifications$).*")
    assert listener.types == ["run.deadline_missed"] * 2
