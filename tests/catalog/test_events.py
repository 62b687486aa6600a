"""What others are to be told is written with what made it true, or not at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import PAST, RESULT, Database, publish

Claimed = Callable[..., Claim]


def events(database: Database) -> list[dict[str, Any]]:
    return database.query("SELECT kind, owner, payload FROM nightreel.events ORDER BY occurred_at")


def test_a_published_title_is_an_event_that_says_where_it_plays(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    (event,) = events(database)
    assert (event["kind"], event["owner"]) == ("published", "run-1")
    assert event["payload"] == {
        "content_type": "movie",
        "content_id": "1",
        "title": "Movie 1",
        "job_id": "run-1",
        "state": "published",
        "release": claim.release,
        "complete": True,
        "hls_url": RESULT.hls_url,
        "dash_url": RESULT.dash_url,
        "poster_url": RESULT.poster_url,
        "duration_seconds": RESULT.duration_seconds,
        "variants": [
            {
                "quality": "360p",
                "resolution": "640x360",
                "bandwidth": 900_000,
                "codecs": "avc1.64001e,mp4a.40.2",
            }
        ],
        "reason_code": None,
        "reason": None,
        "warnings": [],
    }


def test_what_was_not_published_after_all_is_no_event(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))

    def fail_at_the_end() -> None:
        with catalog.publications.holding(claim) as publication:
            publication.complete(RESULT)
            raise OSError("the bucket")

    with pytest.raises(OSError, match="the bucket"):
        fail_at_the_end()
    assert events(database) == []


def test_a_title_that_is_published_twice_by_a_retry_is_one_event(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    publish(catalog, claim)
    assert len(events(database)) == 1


@pytest.mark.parametrize("kind", ["quarantined", "failed"])
def test_a_verdict_is_one_event_that_says_why(
    catalog: Catalog, database: Database, claimed: Claimed, kind: str
) -> None:
    claim = claimed(database.add_movie(1))
    conclude = catalog.verdicts.quarantine if kind == "quarantined" else catalog.verdicts.fail
    for _ in range(2):
        conclude(claim, "odd", "It is odd.")
    (event,) = events(database)
    assert (event["kind"], event["payload"]["state"]) == (kind, kind)
    assert (event["payload"]["reason_code"], event["payload"]["reason"]) == ("odd", "It is odd.")
    assert event["payload"]["hls_url"] is None


def test_the_failure_of_another_conversion_says_what_goes_on_playing(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    first = claimed(database.add_movie(1))
    publish(catalog, first)
    catalog.verdicts.fail(claimed(first.title, force=True), "odd", "It is odd.")
    payload = events(database)[-1]["payload"]
    assert (payload["state"], payload["hls_url"], payload["release"]) == (
        "failed",
        RESULT.hls_url,
        first.release,
    )


def test_the_end_of_a_claim_whose_row_was_deleted_is_no_event(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    catalog.verdicts.release_deleted(claim.token)
    assert database.attempt(claim)["outcome"] == "released"
    assert events(database) == []


def test_a_run_that_died_is_an_event_only_when_its_title_is_given_up(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    for attempt in (1, 2):
        claim = claimed(title, run_id=f"run-{attempt}", lease=PAST)
        catalog.leases.adopt(title, claim.token, claim.run_id, PAST)
        assert catalog.verdicts.expire_all(max_attempts=2) == [title]
        assert len(events(database)) == attempt - 1
    (event,) = events(database)
    assert (event["kind"], event["owner"]) == ("failed", "run-2")
    assert event["payload"]["reason_code"] == "claim_expired"


def test_a_missed_deadline_is_one_event_of_the_run_with_its_titles(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    for number in (1, 2):
        claimed(database.add_movie(number), run_id="the night")
    for _ in range(2):
        catalog.attempts.mark_deadline_missed("the night")
    (event,) = events(database)
    assert (event["kind"], event["owner"]) == ("deadline_missed", "the night")
    assert event["payload"] == {
        "job_id": "the night",
        "titles": [{"content_type": "movie", "content_id": number} for number in ("1", "2")],
    }


def test_a_report_is_an_event_whatever_characters_its_reasons_hold(
    catalog: Catalog, database: Database
) -> None:
    catalog.events.record_backlog_report("the night", {"failed": ["movie 1: \x00 and \ud800"]})
    (event,) = events(database)
    assert event["payload"] == {"job_id": "the night", "failed": ["movie 1: \ufffd and ?"]}


def test_old_events_are_forgotten_with_their_deliveries(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    publish(catalog, claimed(database.add_movie(1)))
    (pending,) = catalog.deliveries.undelivered(["receiver"], ["published"], timedelta(days=3))
    with catalog.deliveries.delivering(pending) as delivery:
        assert delivery is not None
        delivery.succeeded()
    database.query("UPDATE nightreel.events SET occurred_at = now() - interval '31 days'")
    publish(catalog, claimed(database.add_movie(2)))
    assert catalog.events.forget(timedelta(days=30)) == 1
    assert [event["payload"]["content_id"] for event in events(database)] == ["2"]
    assert database.query("SELECT FROM nightreel.deliveries") == []


def test_a_receiver_gets_what_happened_shortly_before_the_first_thing_that_it_was_sent(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    for number in (1, 2, 3):
        publish(catalog, claimed(database.add_movie(number), f"run-{number}"))
    database.query(
        "UPDATE nightreel.events SET occurred_at = now() - interval '2 hours' WHERE owner = 'run-1'"
    )
    (last,) = catalog.deliveries.undelivered(["receiver"], ["published"], timedelta(days=3), "run-3")
    with catalog.deliveries.delivering(last) as delivery:
        assert delivery is not None
        delivery.succeeded()
    left = catalog.deliveries.undelivered(["receiver"], ["published"], timedelta(days=3))
    stored = database.query("SELECT event_id::text AS event_id, owner FROM nightreel.events")
    owners = {event["event_id"]: event["owner"] for event in stored}
    assert [owners[each.event_id] for each in left] == ["run-2"]


def test_a_title_is_told_of_by_the_name_that_its_row_has(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    database.query("INSERT INTO movies (id, title, video_url) VALUES (5, 'Métropolis', 'm.mp4')")
    catalog.verdicts.fail(claimed(Title("movie", "5")), "odd", "It is odd.")
    assert events(database)[0]["payload"]["title"] == "Métropolis"
