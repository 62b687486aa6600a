from collections.abc import Callable
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, RESULT, Database, publish

Claimed = Callable[..., Claim]
NOW = timedelta(0)


def test_every_title_has_a_status_from_the_start(catalog: Catalog, database: Database) -> None:
    database.add_movie(10)
    database.add_movie(9, url=None)
    catalog.titles.add(Title("episode", "1"), "Pilot", "episodes/1.mp4")
    found = [(s.content_type, s.content_id, s.title, s.state, s.attempts) for s in catalog.titles.status()]
    assert found == [
        ("movie", "9", "Movie 9", "pending", 0),
        ("movie", "10", "Movie 10", "pending", 0),
        ("episode", "1", "Pilot", "pending", 0),
    ]


def test_a_published_title_shows_its_release(catalog: Catalog, database: Database, claimed: Claimed) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    (status,) = catalog.titles.status()
    assert (status.state, status.release, status.attempts) == ("published", claim.release, 1)
    assert status.variants == RESULT.variants
    for field in ("hls_url", "dash_url", "poster_url", "duration_seconds", "bytes", "processing_seconds"):
        assert getattr(status, field) == getattr(RESULT, field)


def test_titles_are_picked_by_type_id_state_and_number(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    for number in (1, 2, 3):
        database.add_movie(number)
    catalog.titles.add(Title("episode", "2"), "Two", "episodes/2.mp4")
    claimed(Title("movie", "2"))

    def picked(**choice: object) -> list[str]:
        return [f"{s.content_type} {s.content_id}" for s in catalog.titles.status(**choice)]  # type: ignore[arg-type]

    assert picked(content_type="episode") == ["episode 2"]
    assert picked(content_id="2") == ["movie 2", "episode 2"]
    assert picked(content_type="movie", content_id="002") == ["movie 2"]
    assert picked(content_id="not-a-number") == []
    assert picked(states=["claimed"]) == ["movie 2"]
    assert picked(states=["pending"], limit=2) == ["movie 1", "movie 3"]
    assert picked(limit=4) == ["movie 1", "movie 2", "movie 3", "episode 2"]


def test_the_ids_of_two_tables_may_be_of_different_types(catalog: Catalog, database: Database) -> None:
    database.query("ALTER TABLE episodes ALTER id DROP IDENTITY; ALTER TABLE episodes ALTER id TYPE text")
    catalog.titles.add(Title("episode", "s01e01"), "Pilot", "episodes/1.mp4")
    assert [status.content_type for status in catalog.titles.status(content_id="s01e01")] == ["episode"]


def test_warnings_are_not_repeated(catalog: Catalog, database: Database, claimed: Claimed) -> None:
    claim = claimed(database.add_movie(1))
    catalog.leases.warn(claim, ["No sound.", "Portrait.", "No sound."])
    catalog.leases.warn(claim, ["Portrait.", "Slow."])
    assert catalog.titles.status()[0].warnings == ("No sound.", "Portrait.", "Slow.")


def test_what_was_fetched_planned_and_timed_is_recorded(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    catalog.leases.record_source(claim, "s3://bucket/movies/1.mp4", 5_000_000_000, '"etag"', "sha256:1")
    catalog.leases.record_plan(claim, {"rungs": ["360p"]})
    catalog.leases.record_timings(claim, {"fetch": 1.5})
    publish(catalog, claim)
    catalog.leases.record_timings(claim, {"publish": 0.5})
    record, attempt = database.conversion(claim.title), database.attempt(claim)
    assert (record["fetched_from"], record["source_bytes"]) == ("s3://bucket/movies/1.mp4", 5_000_000_000)
    assert attempt["plan"] == {"rungs": ["360p"]}
    assert attempt["timings"] == {"fetch": 1.5, "publish": 0.5}
    assert catalog.backlog.unconverted(10) == []


def test_outcomes_tell_how_each_attempt_ended(catalog: Catalog, database: Database) -> None:
    titles = [database.add_movie(number) for number in (1, 2, 3)]
    good, bad, running = catalog.claims.of_night(titles, "backlog", LEASE)
    publish(catalog, good)
    catalog.verdicts.quarantine(bad, "no_video", "It has no picture.")
    outcomes = catalog.attempts.outcomes([running.token, bad.token, good.token])
    assert [(o.title, o.outcome, o.reason_code, o.duration_seconds) for o in outcomes] == [
        (titles[0], "published", None, 60.4),
        (titles[1], "quarantined", "no_video", None),
        (titles[2], None, None, None),
    ]


def test_a_missed_deadline_is_recorded_on_the_titles_of_the_run(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    late, other = database.add_movie(1), database.add_movie(2)
    claimed(late, run_id="run-1")
    claimed(other, run_id="run-2")
    assert catalog.attempts.mark_deadline_missed("run-1") == [late]
    assert [status.deadline_missed_at is None for status in catalog.titles.status()] == [False, True]


def test_a_title_that_ended_before_the_deadline_is_not_late(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    ended = claimed(database.add_movie(1), run_id="run-1")
    catalog.verdicts.quarantine(ended, "no_video", "It has no picture.")
    assert catalog.attempts.mark_deadline_missed("run-1", ended.title) == []
    assert database.conversion(ended.title)["deadline_missed_at"] is None
    assert database.query("SELECT FROM nightreel.events WHERE kind = 'deadline_missed'") == []


def test_of_a_night_only_the_titles_still_in_work_are_late(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    done, working = (claimed(database.add_movie(number), run_id="night") for number in (1, 2))
    publish(catalog, done)
    assert catalog.attempts.mark_deadline_missed("night") == [working.title]


def test_the_title_of_a_run_that_waits_is_told(catalog: Catalog, database: Database) -> None:
    title = database.add_movie(1)
    assert catalog.attempts.mark_deadline_missed("run-1", title) == [title]
    (event,) = database.query("SELECT payload FROM nightreel.events WHERE kind = 'deadline_missed'")
    assert event["payload"]["titles"] == [{"content_type": "movie", "content_id": "1"}]


def test_an_added_title_that_the_table_refuses_names_the_reason(catalog: Catalog, database: Database) -> None:
    database.query("ALTER TABLE movies ADD studio text NOT NULL")
    with pytest.raises(ConfigurationError, match=r'table movies did not take movie 1: .*"studio"'):
        catalog.titles.add(Title("movie", "1"), "One", "movies/1.mp4")


def test_adding_a_title_again_replaces_its_name_and_url(catalog: Catalog, database: Database) -> None:
    title = database.add_movie(1)
    catalog.titles.add(title, "New", "movies/new.mp4")
    row = database.row("SELECT title, video_url FROM movies")
    assert row == {"title": "New", "video_url": "movies/new.mp4"}


def test_superseded_releases_are_offered_after_the_grace_period(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    first = claimed(database.add_movie(1))
    publish(catalog, first)
    assert catalog.releases.superseded(NOW) == []
    second = claimed(first.title, run_id="run-2", force=True)
    publish(catalog, second)
    assert catalog.releases.superseded(timedelta(hours=1)) == []
    assert catalog.releases.superseded(NOW) == [(first.title, first.release)]

    catalog.releases.mark_deleted(first.title, first.release)
    assert catalog.releases.superseded(NOW) == []
    assert catalog.releases.known(first.title) == {second.release}


def test_the_grace_period_counts_from_the_first_release_that_came_after(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    first = claimed(database.add_movie(1))
    publish(catalog, first)
    publish(catalog, claimed(first.title, run_id="run-2", force=True))
    database.query("UPDATE nightreel.releases SET superseded_at = superseded_at - interval '2 hours'")
    publish(catalog, claimed(first.title, run_id="run-3", force=True))
    assert catalog.releases.superseded(timedelta(hours=1)) == [(first.title, first.release)]


def test_the_current_release_cannot_be_marked_deleted(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    catalog.releases.mark_deleted(claim.title, claim.release)
    assert catalog.releases.known(claim.title) == {claim.release}


def test_a_release_that_is_being_made_is_known(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    assert catalog.releases.known(claim.title) == {claim.release}
    catalog.verdicts.fail(claim, "encoder", "It broke.")
    assert catalog.releases.known(claim.title) == set()
