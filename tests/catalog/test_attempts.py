"""What is remembered of what was tried, and for how long."""

from collections.abc import Callable
from datetime import timedelta

from nightreel.catalog import Catalog, Claim
from tests.catalog.conftest import Database, publish

OLD = timedelta(days=90)


def test_old_attempts_are_forgotten_but_the_latest_ones_of_each_title_and_what_is_played(
    catalog: Catalog, database: Database, claimed: Callable[..., Claim]
) -> None:
    tried, seldom = database.add_movie(1), database.add_movie(2)
    made = claimed(tried)
    publish(catalog, made)
    for number in range(5):
        catalog.verdicts.fail(claimed(tried, f"run-{number}", force=True), "run_ended", "It ended.")
    catalog.verdicts.fail(claimed(seldom), "run_ended", "It ended.")
    assert catalog.attempts.forget(2, OLD) == 0
    database.query(
        "UPDATE nightreel.attempts SET started_at = started_at - interval '91 days',"
        " ended_at = ended_at - interval '91 days'"
    )
    assert catalog.attempts.forget(2, OLD) == 3
    assert [each.outcome for each in catalog.attempts.of(tried)] == ["failed", "failed", "published"]
    assert len(catalog.attempts.of(seldom)) == 1
    assert catalog.attempts.forget(2, OLD) == 0


def test_an_attempt_that_goes_on_is_never_forgotten(
    catalog: Catalog, database: Database, claimed: Callable[..., Claim]
) -> None:
    claimed(database.add_movie(1))
    database.query("UPDATE nightreel.attempts SET started_at = started_at - interval '91 days'")
    assert catalog.attempts.forget(0, OLD) == 0


def test_a_release_that_was_deleted_long_ago_is_forgotten(
    catalog: Catalog, database: Database, claimed: Callable[..., Claim]
) -> None:
    title = database.add_movie(1)
    first = claimed(title)
    publish(catalog, first)
    second = claimed(title, "run-2", force=True)
    publish(catalog, second)
    catalog.releases.mark_deleted(title, first.release)
    assert catalog.releases.forget(OLD) == 0
    database.query("UPDATE nightreel.releases SET deleted_at = deleted_at - interval '91 days'")
    assert catalog.releases.forget(OLD) == 1
    assert catalog.releases.known(title) == {second.release}
