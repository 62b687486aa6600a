"""A night: scan, check, claim and report, as tasks of the real DAG.

The runs that the night triggers need a scheduler; here their end is written into the catalog
while the report waits for them.
"""

from collections.abc import Callable

import pytest

from nightreel.catalog import Claim, PublishedResult
from nightreel.orchestration.backlog import claim, report
from nightreel.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.runs import Run, run_dag

Install = Callable[..., Installation]
End = Callable[[Installation, Claim], None]
RESULT = PublishedResult("", "", None, 3600.0, (), 1, 1, 1.0)


def publish(installation: Installation, claimed: Claim) -> None:
    with installation.catalog.publishing(claimed) as publication:
        publication.complete(RESULT)


def fail(installation: Installation, claimed: Claim) -> None:
    installation.catalog.fail(claimed, "encoder_failed", "transcode: FFmpeg ended with exit code 1")


def quarantine(installation: Installation, claimed: Claim) -> None:
    installation.catalog.quarantine(claimed, "no_video", "there is no picture in it")


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Runs `nightly_backlog`. Its titles end as `ends` says by id, or else are published."""

    def run(installation: Installation, ends: dict[str, End] | None = None) -> Run:
        def titles_end(_seconds: float) -> None:
            for held in installation.catalog.held_claims():
                claimed = installation.catalog.adopt(
                    held.title, held.token, f"run of {held.title}", installation.settings.lease
                )
                (ends or {}).get(held.title.content_id, publish)(installation, claimed)

        # What the report does while it waits for titles that are still in work.
        monkeypatch.setattr(report.time, "sleep", titles_end)
        return run_dag("nightly_backlog", pretend="convert(_[0-9]+)?")

    return run


def add_movies(installation: Installation, *numbers: int) -> list[Title]:
    return [installation.add_movie(number, f"sources/{number}.mp4") for number in numbers]


def test_every_unconverted_title_is_claimed_and_handed_to_a_run_of_its_own(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install()
    add_movies(installation, 1, 2)
    run = night(installation)
    assert run.state == "success"
    triggers = run.xcom("claim")
    assert [trigger["conf"]["name"] for trigger in triggers] == ["movie 1 Movie 1", "movie 2 Movie 2"]
    assert [trigger["conf"]["content_id"] for trigger in triggers] == ["1", "2"]
    tokens = installation.query("SELECT token::text FROM nightreel.attempts ORDER BY content_id")
    assert [trigger["conf"]["claim"] for trigger in triggers] == [row["token"] for row in tokens]
    assert len({trigger["trigger_run_id"] for trigger in triggers}) == 2


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
    assert run.xcom("claim") == []
    assert run.xcom("report")["counts"] == {}


def test_rows_that_cannot_be_converted_are_reported_and_hold_nobody_up(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install(NIGHTREEL_MAX_SOURCE_BYTES="10")
    add_movies(installation, 1)
    installation.add_movie(2, None)
    installation.add_movie(3, "sources/3.avi")
    installation.add_movie(4, "sources/4.mp4")
    installation.bucket.put_bytes("sources/4.mp4", b"more than ten bytes", "video/mp4", "no-store")
    run = night(installation)
    assert run.state == "success"
    assert [trigger["conf"]["content_id"] for trigger in run.xcom("claim")] == ["1"]
    told = dict(sentence.split(": ", 1) for sentence in run.xcom("report")["refused_rows"])
    assert set(told) == {"movie 2", "movie 3", "movie 4"}
    assert "no video URL" in told["movie 2"]
    assert ".mp4" in told["movie 3"]
    assert "NIGHTREEL_MAX_SOURCE_BYTES" in told["movie 4"]


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
    states = {status.content_id: status.state for status in installation.catalog.status()}
    assert states == {"-4": "pending", "1": "quarantined", "2": "quarantined", "3": "published"}
    assert night(installation).xcom("report")["refused_rows"] == [malformed]


def test_a_night_takes_no_more_titles_than_the_settings_allow(
    install: Install, night: Callable[..., Run]
) -> None:
    installation = install(NIGHTREEL_BACKLOG_MAX_TITLES="2")
    add_movies(installation, 1, 2, 3)
    assert [trigger["conf"]["content_id"] for trigger in night(installation).xcom("claim")] == ["1", "2"]
    assert [trigger["conf"]["content_id"] for trigger in night(installation).xcom("claim")] == ["3"]


def test_a_night_takes_no_more_hours_than_the_settings_allow(
    install: Install, night: Callable[..., Run]
) -> None:
    # Nothing is known of these sources, so each counts as an hour and a half.
    installation = install(NIGHTREEL_BACKLOG_MAX_SOURCE_HOURS="3")
    add_movies(installation, 1, 2, 3)
    assert [trigger["conf"]["content_id"] for trigger in night(installation).xcom("claim")] == ["1", "2"]


def test_more_titles_than_airflow_maps_over_are_each_claimed_once(
    install: Install, night: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "MAX_MAP_LENGTH", 3)
    installation = install(NIGHTREEL_BACKLOG_MAX_TITLES="8")
    add_movies(installation, *range(1, 11))
    run = night(installation)
    assert run.state == "success"
    batches = [run.xcom(claim.batch_task_id("claim", number)) for number in (1, 2, 3)]
    assert [len(batch) for batch in batches] == [3, 3, 2]
    claimed = [trigger["conf"]["content_id"] for batch in batches for trigger in batch]
    assert claimed == [str(number) for number in range(1, 9)]
    assert len([task for task in run.tasks if task.task_id.startswith("convert")]) == 8
    assert installation.query("SELECT count(*) FROM nightreel.attempts") == [{"count": 8}]
    assert run.xcom("report")["counts"] == {"published": 8}


@pytest.mark.parametrize(("titles", "batches"), [(1, 1), (1000, 1), (1001, 2), (2100, 3), (100_000, 100)])
def test_a_night_has_as_many_batches_as_its_titles_need(titles: int, batches: int) -> None:
    assert list(claim.batches(titles)) == list(range(1, batches + 1))


def test_the_report_counts_titles_and_hours(install: Install, night: Callable[..., Run]) -> None:
    installation = install()
    add_movies(installation, 1, 2)
    told = night(installation).xcom("report")
    assert told["counts"] == {"published": 2}
    assert told["hours"] == 2.0
    assert told["failed"] == told["quarantined"] == told["refused_rows"] == []


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
    (claimed,) = installation.catalog.claim([title], "the night", installation.settings.lease)
    # There is no such source, so that it ends soon.
    run = run_dag(
        "convert_title", {"content_type": "movie", "content_id": "1", "claim": claimed.token, "name": "1"}
    )
    assert run.states["claim"] == "success"
    assert run.xcom("claim")["token"] == claimed.token
    assert run.xcom("claim")["release"] == claimed.release
    (attempt,) = installation.catalog.outcomes([claimed.token])
    assert (attempt.owner, attempt.outcome) == (run.id, "quarantined")
