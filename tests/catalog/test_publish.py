from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psycopg2
import pytest

from nightreel.catalog import Catalog, CatalogMapping, Claim, row_lock
from nightreel.errors import CatalogUnavailable, ClaimLost, TitleNotFound
from nightreel.storage.late_writes import LATE_WRITES
from tests.catalog.conftest import LEASE, PAST, RESULT, Database, publish

Claimed = Callable[..., Claim]


def everything(database: Database) -> list[object]:
    tables = ("movies", "nightreel.conversions", "nightreel.attempts", "nightreel.releases")
    return [database.query(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables]


def test_publishing_writes_the_mapped_columns_of_the_users_row(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    other = database.add_movie(2)
    publish(catalog, claimed(database.add_movie(1)))
    row = database.row("SELECT * FROM movies WHERE id = 1")
    assert (row["hls_url"], row["dash_url"], row["thumbnail_url"]) == (
        RESULT.hls_url,
        RESULT.dash_url,
        RESULT.poster_url,
    )
    assert row["duration_seconds"] == 60
    assert row["video_url"] == "movies/1.mp4"
    assert database.row("SELECT hls_url FROM movies WHERE id = %s", other.content_id) == {"hls_url": None}


def test_a_release_for_hls_alone_takes_the_dash_url_of_the_one_before_away(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    publish(catalog, claimed(claim.title, run_id="run-2", force=True), replace(RESULT, dash_url=None))
    row = database.row("SELECT hls_url, dash_url FROM movies WHERE id = 1")
    assert row == {"hls_url": RESULT.hls_url, "dash_url": None}
    assert catalog.titles.status()[0].dash_url is None


def test_a_column_that_the_table_does_not_have_is_left_out(
    database: Database, catalog: Catalog, mapping: CatalogMapping
) -> None:
    database.query("ALTER TABLE movies DROP COLUMN dash_url, DROP COLUMN thumbnail_url")
    content = mapping.model_dump()
    content["content_types"]["movie"]["columns"] |= {"dash_url": None, "thumbnail_url": None}
    catalog = Catalog.from_dsn(database.dsn, CatalogMapping.model_validate(content))
    (claim,) = catalog.claims.of_night([database.add_movie(1)], "run", LEASE)
    publish(catalog, claim)
    assert database.row("SELECT hls_url FROM movies")["hls_url"] == RESULT.hls_url
    assert catalog.titles.status()[0].dash_url == RESULT.dash_url


def test_the_release_and_its_result_are_recorded(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim, replace(RESULT, warnings=("No sound.",)))
    record = database.conversion(claim.title)
    assert (record["state"], record["release"], record["owner"]) == ("published", claim.release, None)
    assert (record["bytes"], record["warnings"]) == (RESULT.bytes, ["No sound."])
    attempt = database.attempt(claim)
    assert (attempt["outcome"], attempt["duration_seconds"]) == ("published", 60.4)
    assert catalog.releases.known(claim.title) == {claim.release}


def test_an_exception_in_the_middle_leaves_everything_as_it_was(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    with pytest.raises(OSError, match="the bucket"), catalog.publications.holding(claim):
        raise OSError("the bucket is gone")
    before = everything(database)

    def publish_and_fail() -> None:
        with catalog.publications.holding(claim) as publication:
            publication.complete(RESULT)
            raise OSError("the bucket is gone")

    with pytest.raises(OSError, match="the bucket"):
        publish_and_fail()
    assert everything(database) == before

    publish(catalog, claim)
    assert database.conversion(claim.title)["state"] == "published"


def test_a_release_is_known_before_a_manifest_can_point_at_it(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    with pytest.raises(OSError, match="killed"), catalog.publications.holding(claim):
        raise OSError("killed after the manifests were written")
    catalog.verdicts.fail(claim, "storage", "The bucket went away.")
    assert catalog.releases.known(claim.title) == {claim.release}

    later = claimed(claim.title, run_id="run-2")
    publish(catalog, later)
    # A process that was stopped in publishing it may write for a while yet.
    assert catalog.releases.superseded(timedelta(0)) == []
    assert catalog.releases.superseded(-LATE_WRITES) == [(claim.title, claim.release)]


def test_publishing_again_after_the_commit_is_harmless(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    before = everything(database)
    with catalog.publications.holding(claim) as publication:
        assert publication.already_published
        publication.complete(replace(RESULT, hls_url="https://elsewhere.example/"))
    assert everything(database) == before


def test_publishing_again_stays_harmless_when_a_later_release_replaced_it(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    first = claimed(database.add_movie(1))
    publish(catalog, first)
    publish(catalog, claimed(first.title, run_id="run-2", force=True))
    with catalog.publications.holding(first) as publication:
        assert publication.already_published


def test_no_other_run_can_take_the_title_while_it_is_published(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1), run_id="run-1", lease=PAST)
    with ThreadPoolExecutor(1) as thread:
        with catalog.publications.holding(claim) as publication:
            assert catalog.claims.of_night([claim.title], "run-2", LEASE) == []
            assert catalog.verdicts.expire_all() == []
            waiting = thread.submit(catalog.claims.one, claim.title, "run-3", LEASE)
            publication.complete(RESULT)
        refusal = waiting.result()
    assert "published and its source is unchanged" in getattr(refusal, "sentence", "")


def test_a_run_that_lost_its_claim_writes_no_manifest(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    first = claimed(database.add_movie(1), lease=PAST)
    claimed(first.title, run_id="run-2")
    entered = False
    with pytest.raises(ClaimLost), catalog.publications.holding(first):
        entered = True
    assert not entered
    assert first.release not in catalog.releases.known(first.title)


def test_a_title_that_was_deleted_is_not_published(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    database.query("DELETE FROM movies")
    with pytest.raises(TitleNotFound, match="no movie 1"):
        publish(catalog, claim)
    assert database.conversion(claim.title)["state"] == "claimed"


def test_a_lock_whose_connection_was_cut_is_known_to_be_gone(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    def publish_and_be_cut() -> None:
        with catalog.publications.holding(claimed(database.add_movie(1))) as publication:
            publication.require_lock()
            database.query(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'nightreel'"
            )
            with pytest.raises(psycopg2.OperationalError):
                publication.require_lock()

    with pytest.raises(CatalogUnavailable):
        publish_and_be_cut()


def test_a_lock_is_not_held_for_longer_than_others_can_wait(
    catalog: Catalog, database: Database, claimed: Claimed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_lock, "LONGEST_HOLD_SECONDS", -1.0)
    claim = claimed(database.add_movie(1))
    with (
        pytest.raises(CatalogUnavailable, match="movie 1 stayed locked"),
        catalog.publications.holding(claim) as late,
    ):
        late.require_lock()
    monkeypatch.undo()
    publish(catalog, claim)


def test_postgresql_ends_the_transaction_of_a_publisher_that_was_stopped(
    catalog: Catalog, database: Database, claimed: Claimed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_lock, "LONGEST_SILENCE", "50ms")
    idle = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state = 'idle in transaction'"
    )

    def publish_and_sleep() -> None:
        with catalog.publications.holding(claimed(database.add_movie(1))) as stopped:
            stopped.complete(RESULT)
            while database.row(idle)["count"]:
                pass
            stopped.require_lock()

    with pytest.raises(CatalogUnavailable):
        publish_and_sleep()
    assert database.row("SELECT hls_url FROM movies") == {"hls_url": None}


@pytest.mark.parametrize(("verdict", "state"), [("quarantine", "quarantined"), ("fail", "failed")])
def test_a_later_verdict_keeps_what_the_earlier_release_wrote(
    catalog: Catalog, database: Database, claimed: Claimed, verdict: str, state: str
) -> None:
    first = claimed(database.add_movie(1))
    publish(catalog, first)
    row = database.row("SELECT * FROM movies")
    getattr(catalog.verdicts, verdict)(claimed(first.title, run_id="run-2", force=True), "code", "Because.")
    (status,) = catalog.titles.status("movie")
    assert (status.state, status.reason) == (state, "Because.")
    assert (status.hls_url, status.release) == (RESULT.hls_url, first.release)
    assert database.row("SELECT * FROM movies") == row
    assert catalog.releases.superseded(timedelta(0)) == []
