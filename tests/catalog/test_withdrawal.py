from collections.abc import Callable
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim, Refusal
from nightreel.errors import ConfigurationError, TitleNotFound
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, PAST, Database, publish, scanned

Claimed = Callable[..., Claim]
NOW = timedelta(0)


@pytest.fixture
def published(catalog: Catalog, database: Database, claimed: Claimed) -> Claim:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    return claim


def test_a_withdrawn_title_has_no_url_in_any_row(
    catalog: Catalog, database: Database, published: Claim
) -> None:
    assert catalog.withdrawals.withdraw(published.title) is None
    row = database.row("SELECT * FROM movies")
    assert (row["hls_url"], row["dash_url"], row["thumbnail_url"]) == (None, None, None)
    assert (row["video_url"], row["duration_seconds"]) == ("movies/1.mp4", 60)
    record = catalog.library.find(published.title)
    assert record is not None
    assert (record.hls_url, record.dash_url, record.poster_url, record.release) == (None,) * 4
    assert (record.variants, record.bytes, record.published_at) == ((), None, None)
    assert (record.state, record.reason_code) == ("quarantined", "withdrawn")
    assert "requeue" in (record.reason or "")


def test_the_night_leaves_a_withdrawn_title_alone_until_its_source_changes(
    catalog: Catalog, database: Database, published: Claim
) -> None:
    catalog.withdrawals.withdraw(published.title)
    assert scanned(catalog) == []
    assert isinstance(catalog.claims.one(published.title, "run-2", LEASE), Refusal)
    catalog.titles.add(published.title, "Movie 1", "movies/1.mp4")
    assert scanned(catalog) == ["movie 1"]


def test_a_title_that_was_never_converted_can_be_kept_from_the_night(
    catalog: Catalog, database: Database
) -> None:
    catalog.withdrawals.withdraw(database.add_movie(1))
    assert scanned(catalog) == []


def test_a_users_trigger_that_touches_the_row_on_withdrawal_is_no_changed_source(
    catalog: Catalog, database: Database, published: Claim
) -> None:
    database.query(
        "CREATE TRIGGER touch BEFORE UPDATE ON movies FOR EACH ROW EXECUTE FUNCTION source_was_updated()"
    )
    catalog.withdrawals.withdraw(published.title)
    assert scanned(catalog) == []


@pytest.mark.parametrize("way", ["requeue", "force"])
def test_a_withdrawn_title_comes_back_when_it_is_requeued_or_forced(
    catalog: Catalog, database: Database, published: Claim, claimed: Claimed, way: str
) -> None:
    catalog.withdrawals.withdraw(published.title)
    if way == "requeue":
        assert catalog.verdicts.requeue(published.title)
        assert scanned(catalog) == ["movie 1"]
    publish(catalog, claimed(published.title, run_id="run-2", force=way == "force"))
    assert database.row("SELECT hls_url IS NOT NULL AS there FROM movies") == {"there": True}


def test_the_releases_of_a_withdrawn_title_are_superseded(
    catalog: Catalog, published: Claim, claimed: Claimed
) -> None:
    publish(catalog, claimed(published.title, run_id="run-2", force=True))
    later = catalog.library.find(published.title)
    assert later is not None
    assert catalog.withdrawals.unfinished() == []
    catalog.withdrawals.withdraw(published.title)
    assert catalog.releases.superseded(NOW) == [
        (published.title, published.release),
        (published.title, later.release),
    ]
    assert catalog.withdrawals.unfinished() == [published.title]
    for _, release in catalog.releases.superseded(NOW):
        catalog.releases.mark_deleted(published.title, release)
    assert catalog.withdrawals.unfinished() == []


def test_a_title_that_a_run_has_claimed_is_not_withdrawn(
    catalog: Catalog, database: Database, published: Claim, claimed: Claimed
) -> None:
    claimed(published.title, run_id="run-2", force=True)
    before = database.conversion(published.title)
    refusal = catalog.withdrawals.withdraw(published.title)
    assert refusal is not None
    assert "claimed by run-2" in refusal.sentence
    assert database.conversion(published.title) == before
    assert database.row("SELECT hls_url IS NOT NULL AS there FROM movies") == {"there": True}


def test_a_claim_that_ran_out_keeps_nobody_from_withdrawing(
    catalog: Catalog, database: Database, published: Claim, claimed: Claimed
) -> None:
    stale = claimed(published.title, run_id="run-2", lease=PAST, force=True)
    assert catalog.withdrawals.withdraw(published.title) is None
    assert database.attempt(stale)["outcome"] == "expired"
    assert database.conversion(published.title)["state"] == "quarantined"


def test_a_title_whose_row_the_user_deleted_can_be_withdrawn(
    catalog: Catalog, database: Database, published: Claim
) -> None:
    database.query("DELETE FROM movies")
    assert catalog.withdrawals.withdraw(published.title) is None
    assert catalog.withdrawals.unfinished() == [published.title]


@pytest.mark.parametrize("content_id", ["2", "abc", "99999999999999999999999"])
def test_a_title_that_never_was_is_not_found(catalog: Catalog, published: Claim, content_id: str) -> None:
    with pytest.raises(TitleNotFound):
        catalog.withdrawals.withdraw(Title("movie", content_id))


def test_a_table_that_refuses_empty_urls_is_named_and_nothing_is_withdrawn(
    catalog: Catalog, database: Database, published: Claim
) -> None:
    database.query("ALTER TABLE movies ALTER hls_url SET NOT NULL")
    with pytest.raises(ConfigurationError, match="table movies refused to clear hls_url"):
        catalog.withdrawals.withdraw(published.title)
    assert database.conversion(published.title)["state"] == "published"


def test_a_table_that_puts_urls_back_is_named_and_nothing_is_withdrawn(
    catalog: Catalog, database: Database, published: Claim
) -> None:
    database.query(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.hls_url := OLD.hls_url; RETURN NEW; END $$;"
        "CREATE TRIGGER keep BEFORE UPDATE ON movies FOR EACH ROW EXECUTE FUNCTION keep()"
    )
    with pytest.raises(ConfigurationError, match=r"table movies .* did not clear it: hls_url holds 'http"):
        catalog.withdrawals.withdraw(published.title)
    assert database.conversion(published.title)["state"] == "published"


def test_a_title_is_unpublished_from_its_withdrawal_to_its_next_publishing(
    catalog: Catalog, published: Claim, claimed: Claimed
) -> None:
    def unpublished() -> bool:
        with catalog.releases.holding(published.title, None) as lock:
            return lock is not None

    assert not unpublished()
    catalog.withdrawals.withdraw(published.title)
    assert unpublished()
    publish(catalog, claimed(published.title, run_id="run-2", force=True))
    assert not unpublished()
