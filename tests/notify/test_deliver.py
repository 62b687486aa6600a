"""Every event reaches every receiver, at least once, and holds nobody up."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from nightreel.catalog import Catalog, load_mapping
from nightreel.notify.deliver import Delivered, NotificationsFailed, deliver_pending, send_test
from nightreel.settings import load_settings
from tests.catalog.conftest import MAPPING, Database
from tests.notify.conftest import Happen, Told
from tests.notify.listener import Listener


def test_every_event_is_told_to_every_receiver_once(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener, other: Listener
) -> None:
    happen("published", 1)
    happen("failed", 2)
    settings = settings_for(listener, other)
    assert deliver_pending(catalog, settings) == Delivered(delivered=4)
    assert deliver_pending(catalog, settings) == Delivered()
    for receiver in (listener, other):
        assert receiver.types == ["title.published", "title.failed"]


def test_what_was_not_taken_is_sent_again_under_the_same_id(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published")
    listener.answers = [500, 503]
    for _ in range(2):
        with pytest.raises(NotificationsFailed):
            deliver_pending(catalog, settings_for(listener))
    assert deliver_pending(catalog, settings_for(listener)) == Delivered(delivered=1)
    assert listener.types == ["title.published"] * 3
    assert len({request.event_id for request in listener.requests}) == 1
    assert len({request.body for request in listener.requests}) == 1


def test_every_try_and_what_came_of_it_is_recorded(
    catalog: Catalog, database: Database, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published")
    listener.answers = [500]
    with pytest.raises(NotificationsFailed):
        deliver_pending(catalog, settings_for(listener))
    row = database.row("SELECT * FROM nightreel.deliveries")
    assert (row["attempts"], row["delivered_at"]) == (1, None)
    assert row["last_error"] == f"http://127.0.0.1:{listener.port} answered 500"
    deliver_pending(catalog, settings_for(listener))
    row = database.row("SELECT * FROM nightreel.deliveries")
    assert (row["attempts"], row["last_error"]) == (2, None)
    assert row["delivered_at"] is not None


def test_a_receiver_that_fails_keeps_nothing_from_another(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener, other: Listener
) -> None:
    happen("published", 1)
    happen("published", 2)
    listener.answers = [500]
    with pytest.raises(NotificationsFailed, match="2 notifications are left"):
        deliver_pending(catalog, settings_for(listener, other))
    assert len(other.told) == 2


def test_a_receiver_that_fails_is_asked_no_more_this_time(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    for number in (1, 2, 3):
        happen("published", number)
    listener.answers = [500]
    with pytest.raises(NotificationsFailed):
        deliver_pending(catalog, settings_for(listener))
    assert len(listener.requests) == 1


def test_an_event_that_is_never_taken_holds_up_no_other(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published", 1)
    listener.answers = [400]
    with pytest.raises(NotificationsFailed):
        deliver_pending(catalog, settings_for(listener))
    happen("published", 2)
    listener.answers = [204, 400]
    with pytest.raises(NotificationsFailed):
        deliver_pending(catalog, settings_for(listener))
    assert [content["data"]["content_id"] for content in listener.told] == ["1", "2", "1"]


def test_a_receiver_that_is_gone_is_given_up_and_no_failure(
    catalog: Catalog, database: Database, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published")
    listener.answers = [410]
    assert deliver_pending(catalog, settings_for(listener)) == Delivered(given_up=1)
    assert deliver_pending(catalog, settings_for(listener)) == Delivered()
    assert len(listener.requests) == 1
    assert database.row("SELECT * FROM nightreel.deliveries")["delivered_at"] is None


def test_two_deliverers_at_the_same_time_send_an_event_once(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published")
    # The first one waits for its answer while the second one looks.
    listener.answers = [0]
    with ThreadPoolExecutor(1) as elsewhere:
        first = elsewhere.submit(deliver_pending, catalog, settings_for(listener))
        assert listener.asked.wait(10)
        assert deliver_pending(catalog, settings_for(listener)) == Delivered()
        listener.go_on.set()
        with pytest.raises(NotificationsFailed):
            first.result(10)
    assert len(listener.requests) == 1


def test_an_event_whose_deliverer_died_is_sent_again(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen("published")

    def die(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr("nightreel.catalog.deliveries.Delivery.succeeded", die)
        with pytest.raises(KeyboardInterrupt):
            deliver_pending(catalog, settings_for(listener))
    assert deliver_pending(catalog, settings_for(listener)) == Delivered(delivered=1)
    assert len({request.event_id for request in listener.requests}) == 1
    assert len(listener.requests) == 2


def test_nobody_is_told_what_the_settings_leave_out(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published", 1)
    happen("quarantined", 2)
    deliver_pending(catalog, settings_for(listener, notify_on="quarantined,failed"))
    assert listener.types == ["title.quarantined"]


def test_a_run_tells_only_what_happened_to_itself(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published", 1, run="mine")
    happen("published", 2, run="another")
    assert deliver_pending(catalog, settings_for(listener), "mine") == Delivered(delivered=1)
    assert listener.told[0]["data"]["job_id"] == "mine"


def test_a_run_does_not_wait_for_a_receiver_that_failed_other_runs_before(
    catalog: Catalog, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published", 1, run="first")
    happen("published", 2, run="second")
    listener.answers = [500, 500, 500, 500]
    for _ in range(2):
        with pytest.raises(NotificationsFailed):
            deliver_pending(catalog, settings_for(listener), "first")
    assert deliver_pending(catalog, settings_for(listener), "second") == Delivered(left=1)
    # What is left is not forgotten.
    with pytest.raises(NotificationsFailed):
        deliver_pending(catalog, settings_for(listener))
    assert deliver_pending(catalog, settings_for(listener)) == Delivered(delivered=2)


def test_a_receiver_that_is_new_is_not_told_what_happened_long_before(
    catalog: Catalog, database: Database, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published", 1)
    database.query("UPDATE nightreel.events SET occurred_at = now() - interval '1 day'")
    happen("published", 2)
    assert deliver_pending(catalog, settings_for(listener)) == Delivered(delivered=1)
    assert deliver_pending(catalog, settings_for(listener)) == Delivered()
    assert listener.told[0]["data"]["content_id"] == "2"


def test_a_receiver_that_was_away_is_told_for_three_days_what_it_missed(
    catalog: Catalog, database: Database, happen: Happen, settings_for: Told, listener: Listener
) -> None:
    happen("published", 1)
    deliver_pending(catalog, settings_for(listener))
    database.query("UPDATE nightreel.events SET occurred_at = now() - interval '10 days'")
    for number, days in ((2, 4), (3, 2)):
        claim = happen("published", number)
        database.query(
            f"UPDATE nightreel.events SET occurred_at = now() - interval '{days} days' WHERE owner = %s",
            claim.run_id,
        )
    assert deliver_pending(catalog, settings_for(listener)) == Delivered(delivered=1)
    assert listener.told[-1]["data"]["content_id"] == "3"


def test_where_nobody_is_to_be_told_the_catalog_is_not_even_asked() -> None:
    nowhere = Catalog.from_dsn("postgresql://nobody@127.0.0.1:1/nothing", load_mapping(MAPPING))
    assert deliver_pending(nowhere, load_settings()) == Delivered()


def test_a_test_says_what_each_receiver_answered(
    settings_for: Told, listener: Listener, other: Listener
) -> None:
    other.answers = [500]
    answers = send_test(settings_for(listener, other))
    assert [answer.error for answer in answers] == [None, f"http://127.0.0.1:{other.port} answered 500"]
    assert listener.types == ["nightreel.test"]
