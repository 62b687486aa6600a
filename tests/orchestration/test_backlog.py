"""A night: scan, check, convert and report, as tasks of the real DAG."""

from collections.abc import Callable

import pytest

from nightreel.runs.dags import title_run_id
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.nights import (
    End,
    add_movies,
    adopt,
    begun,
    fail,
    publish,
    publish_first,
    quarantine,
    while_waiting,
)
from tests.orchestration.runs import Run, queued_runs, run_dag

Install = Callable[..., Installation]

pytestmark = pytest.mark.usefixtures("nothing_stays_queued")


def test_every_unconverted_title_is_claimed_and_handed_to_a_run_of_its_own(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install()
    add_movies(installation, 1, 2)
    run = night(installation)
    assert run.state == "success"
    assert run.xcom("convert") == {"begun": 2, "left": 0}
    attempts = installation.query("SELECT * FROM nightreel.attempts ORDER BY content_id")
    assert [(row["content_id"], row["night"], row["outcome"]) for row in attempts] == [
        ("1", run.id, "published"),
        ("2", run.id, "published"),
    ]
    for row in attempts:
        assert row["owner"] == title_run_id(run.id, Title("movie", row["content_id"]), row["token"])


def test_a_title_s_run_is_given_ids_and_nothing_that_a_person_wrote(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install()
    add_movies(installation, 1)
    installation.query("UPDATE movies SET title = '{{ 7 * 7 }} {% boom'")
    confs = []

    def look(_seconds: float) -> None:
        for queued in queued_runs():
            confs.append(queued.conf)
            publish(installation, adopt(installation, queued))
            queued.end("success")

    while_waiting(monkeypatch, look)
    assert run_dag("nightly_backlog").state == "success"
    (attempt,) = installation.query("SELECT token::text FROM nightreel.attempts")
    assert confs == [{"content_type": "movie", "content_id": "1", "claim": attempt["token"]}]


def test_no_more_titles_are_begun_than_there_are_places_and_each_place_is_used_again(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = install(NIGHTREEL_TITLE_CONCURRENCY="2")
    add_movies(installation, *range(1, 6))
    queued_at_once = []

    def one_ends(_seconds: float) -> None:
        queued = queued_runs()
        queued_at_once.append([each.title.content_id for each in queued])
        publish(installation, adopt(installation, queued[0]))
        queued[0].end("success")

    while_waiting(monkeypatch, one_ends)
    assert run_dag("nightly_backlog").state == "success"
    assert queued_at_once == [["1", "2"], ["2", "3"], ["3", "4"], ["4", "5"], ["5"]]


def test_nothing_that_a_person_wrote_is_handed_on_between_the_nights_tasks(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install()
    installation.query("ALTER TABLE episodes ALTER id DROP IDENTITY; ALTER TABLE episodes ALTER id TYPE text")
    hostile = "{{ 7 * 7 }}"
    for table, content_id in (("movies", "1"), ("episodes", hostile)):
        installation.query(
            f"INSERT INTO {table} (id, title, video_url) VALUES (%s, %s, %s)",
            content_id,
            hostile,
            f"{hostile}.mp4",
        )
    run = night(installation)
    (scanned,), (checked,) = run.xcom("scan"), run.xcom("check")
    assert scanned == checked
    assert set(scanned) == {"content_type", "content_id", "source_bytes", "source_duration"}
    assert (scanned["content_type"], scanned["content_id"]) == ("movie", "1")


def test_a_published_title_is_not_converted_again_the_next_night(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install()
    add_movies(installation, 1)
    night(installation)
    run = night(installation)
    assert run.state == "success"
    assert run.xcom("convert") == {"begun": 0, "left": 0}
    assert run.xcom("report")["counts"] == {}


def test_rows_that_cannot_be_converted_take_nobodys_place_and_are_told_once(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install(NIGHTREEL_BACKLOG_MAX_TITLES="2", NIGHTREEL_MAX_SOURCE_BYTES="10")
    for number in (1, 2):
        installation.add_movie(number, f"sources/{number}.mp4")
        installation.bucket.put_bytes(
            f"sources/{number}.mp4", b"more than ten bytes", "video/mp4", "no-store"
        )
    installation.add_movie(3, "sources/3.mp4")
    installation.query("INSERT INTO movies (id, title, video_url) VALUES (-4, 'Odd', 'sources/4.mp4')")
    run = night(installation)
    assert run.xcom("report")["counts"] == {"published": 1}
    *refused, malformed = run.xcom("report")["refused_rows"]
    assert [sentence.partition(":")[0] for sentence in refused] == ["movie 1", "movie 2"]
    assert malformed.startswith("1 row, such as movie '-4': the id is not made of")
    states = {status.content_id: status.state for status in installation.catalog.titles.status()}
    assert states == {"-4": "pending", "1": "quarantined", "2": "quarantined", "3": "published"}
    assert night(installation).xcom("report")["refused_rows"] == [malformed]


def test_a_night_takes_no_more_titles_than_the_settings_allow(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install(NIGHTREEL_BACKLOG_MAX_TITLES="2")
    add_movies(installation, 1, 2, 3)
    assert begun(installation, night(installation)) == ["1", "2"]
    assert begun(installation, night(installation)) == ["3"]


def test_a_night_takes_no_more_hours_than_the_settings_allow(
    install: Install, night: Callable[..., Run]
) -> None:
    # Nothing is known of these sources, so each counts as an hour and a half.
    installation = install(NIGHTREEL_BACKLOG_MAX_SOURCE_HOURS="3")
    add_movies(installation, 1, 2, 3)
    assert begun(installation, night(installation)) == ["1", "2"]


def test_the_report_counts_titles_and_hours(install: Install, night: Callable[..., Run]) -> None:
    installation = install()
    add_movies(installation, 1, 2)
    told = night(installation).xcom("report")
    assert told["counts"] == {"published": 2}
    assert told["hours"] == 2.0
    assert told["failed"] == told["quarantined"] == told["refused_rows"] == []


def then(*ends: End) -> End:
    """The first of these, and the next one when the title's next run ends."""
    left = list(ends)
    return lambda installation, claimed: left.pop(0)(installation, claimed)


def test_a_title_that_is_first_released_and_completed_in_one_night_counts_once(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install()
    add_movies(installation, 1, 2)
    run = night(installation, {"1": then(publish_first, publish)})
    assert begun(installation, run) == ["1", "2", "1"]
    told = run.xcom("report")
    assert (told["counts"], told["first_releases"], told["hours"]) == ({"published": 2}, 0, 2.0)


def test_a_first_release_counts_as_one_also_when_its_completion_fails_or_has_no_place(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install(NIGHTREEL_BACKLOG_MAX_COMPLETIONS="1")
    add_movies(installation, 1, 2)
    run = night(installation, {"1": then(publish_first, fail), "2": publish_first})
    (report,) = installation.query("SELECT payload FROM nightreel.events WHERE kind = 'backlog_report'")
    told = report["payload"]
    assert run.states["report"] == "failed"
    assert told["counts"] == {"failed": 1, "published": 1}
    assert (told["first_releases"], told["hours"]) == (2, 2.0)


def test_a_night_in_which_a_title_was_quarantined_is_no_failure(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install()
    add_movies(installation, 1, 2)
    run = night(installation, {"2": quarantine})
    assert run.state == "success"
    told = run.xcom("report")
    assert told["counts"] == {"published": 1, "quarantined": 1}
    assert told["quarantined"] == ["movie 2: there is no picture in it"]


def test_a_night_in_which_a_title_failed_fails_once_and_the_other_titles_are_published(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install()
    titles = add_movies(installation, 1, 2, 3)
    run = night(installation, {"2": fail})
    assert run.state == "failed"
    assert (run.states["report"], run.tries("report")) == ("failed", 1)
    states = [installation.conversion(title)["state"] for title in titles]
    assert states == ["published", "failed", "published"]


def test_a_failed_title_is_tried_again_the_next_night(install: Install, night: Callable[..., Run]) -> None:
    installation = install()
    add_movies(installation, 1)
    night(installation, {"1": fail})
    run = night(installation)
    assert run.state == "success"
    assert run.xcom("report")["counts"] == {"published": 1}


def test_a_night_that_never_got_to_its_claims_fails(install: Install, night: Callable[..., Run]) -> None:
    installation = install()
    installation.query("ALTER TABLE movies DROP COLUMN title")
    run = night(installation)
    assert run.state == "failed"
    assert (run.states["scan"], run.tries("scan")) == ("failed", 1)
    assert run.states["report"] == "failed"


def test_the_run_of_a_title_goes_on_with_the_claim_of_the_night(install: Install) -> None:
    installation = install()
    (title,) = add_movies(installation, 1)
    (claimed,) = installation.catalog.claims.of_night([title], "the night", installation.settings.lease)
    # There is no such source, so that it ends soon.
    run = run_dag(
        "convert_title", {"content_type": "movie", "content_id": "1", "claim": claimed.token, "name": "1"}
    )
    assert run.states["claim"] == "success"
    assert run.xcom("claim")["token"] == claimed.token
    assert run.xcom("claim")["release"] == claimed.release
    (attempt,) = installation.catalog.attempts.outcomes([claimed.token])
    assert (attempt.run_id, attempt.outcome) == (run.id, "quarantined")
