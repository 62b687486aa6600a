from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier

import psycopg2
import pytest

from nightreel.catalog import Catalog, CatalogMapping, Claim, Refusal
from nightreel.errors import ClaimLost, ConfigurationError, TitleNotFound
from nightreel.vocabulary.release import valid_release_id
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, PAST, Database, publish, scanned

Claimed = Callable[..., Claim]


def test_a_claim_carries_what_the_run_needs(catalog: Catalog, database: Database, claimed: Claimed) -> None:
    claim = claimed(database.add_movie(1), run_id="run-1")
    assert (claim.name, claim.source_url, claim.attempt) == ("Movie 1", "movies/1.mp4", 1)
    assert valid_release_id(claim.release)
    assert database.conversion(claim.title)["owner"] == "run-1"
    assert database.attempt(claim)["ended_at"] is None


def test_a_title_is_claimed_only_once(catalog: Catalog, database: Database) -> None:
    title = database.add_movie(1)
    assert len(catalog.claims.of_night([title, title], "run-1", LEASE)) == 1
    assert catalog.claims.of_night([title], "run-2", LEASE) == []


@pytest.mark.parametrize("runs", [2, 8])
def test_runs_that_claim_the_same_backlog_at_once_share_it(
    database: Database, catalog: Catalog, mapping: CatalogMapping, runs: int
) -> None:
    titles = [database.add_movie(number) for number in range(1, 201)]
    start = Barrier(runs)

    def claim_all(run: int) -> list[Claim]:
        own = Catalog.from_dsn(database.dsn, mapping)
        # Each goes through the backlog in an order and in bites of its own.
        wanted = titles if run % 2 else titles[::-1]
        start.wait()
        return [
            claim
            for at in range(0, len(wanted), 20 + run)
            for claim in own.claims.of_night(wanted[at : at + 20 + run], f"run-{run}", LEASE)
        ]

    with ThreadPoolExecutor(runs) as threads:
        claims = [claim for own in threads.map(claim_all, range(runs)) for claim in own]

    assert Counter(claim.title for claim in claims).most_common(1)[0][1] == 1
    for claim in claims:
        record = database.conversion(claim.title)
        assert (str(record["claim_token"]), record["owner"]) == (claim.token, claim.run_id)
    assert {claim.title for claim in claims} == set(titles)


def test_runs_that_scan_and_claim_at_once_convert_each_title_once(
    database: Database, catalog: Catalog, mapping: CatalogMapping
) -> None:
    titles = [database.add_movie(number) for number in range(1, 41)]
    start = Barrier(4)

    def work(run: int) -> list[Title]:
        own = Catalog.from_dsn(database.dsn, mapping)
        start.wait()
        done = []
        while backlog := own.backlog.unconverted(7):
            for claim in own.claims.of_night([row.title for row in backlog], f"run-{run}", LEASE):
                publish(own, claim)
                done.append(claim.title)
        return done

    with ThreadPoolExecutor(4) as threads:
        done = [title for own in threads.map(work, range(4)) for title in own]
    assert sorted(done) == sorted(titles)


def test_a_title_whose_row_is_locked_is_passed_over(catalog: Catalog, database: Database) -> None:
    locked, free = database.add_movie(1), database.add_movie(2)
    for claim in catalog.claims.of_night([locked, free], "run-1", PAST):
        catalog.verdicts.expire(claim.token)
    with closing(psycopg2.connect(database.dsn)) as other, other.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nightreel.conversions WHERE content_id = '1' FOR UPDATE")
        assert [claim.title for claim in catalog.claims.of_night([locked, free], "run-2", LEASE)] == [free]


def test_a_run_that_asks_again_is_given_its_claims_again(catalog: Catalog, database: Database) -> None:
    titles = [database.add_movie(number) for number in (1, 2)]
    first = catalog.claims.of_night(titles, "run-1", LEASE)
    assert catalog.claims.of_night(titles, "run-1", LEASE) == first
    assert catalog.claims.one(titles[0], "run-1", LEASE) == first[0]


def test_a_lease_that_ran_out_may_be_claimed_over(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    first = claimed(title, run_id="run-1", lease=PAST)
    second = claimed(title, run_id="run-2")
    assert second.token != first.token
    assert second.release != first.release
    assert second.attempt == 2
    assert database.attempt(first)["outcome"] == "expired"


def test_a_run_whose_title_was_taken_over_can_change_nothing(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    first = claimed(title, run_id="run-1", lease=PAST)
    claimed(title, run_id="run-2")
    before = database.conversion(title), database.row("SELECT * FROM movies")
    attempts: list[Callable[[], object]] = [
        lambda: catalog.leases.renew(first, LEASE),
        lambda: catalog.leases.renew(first.token, LEASE),
        lambda: catalog.leases.adopt(title, first.token, "run-1", LEASE),
        lambda: catalog.leases.record_source(first, "x", 1, None, None),
        lambda: catalog.leases.record_plan(first, {}),
        lambda: catalog.leases.warn(first, ["x"]),
        lambda: catalog.verdicts.quarantine(first, "code", "sentence"),
        lambda: catalog.verdicts.fail(first, "code", "sentence"),
        lambda: catalog.verdicts.end_unchanged(first),
        lambda: publish(catalog, first),
    ]
    for attempt in attempts:
        with pytest.raises(ClaimLost, match="movie 1 is gone; the title is claimed by run-2"):
            attempt()
    assert (database.conversion(title), database.row("SELECT * FROM movies")) == before


@pytest.mark.parametrize(
    ("url", "code"), [("movies/1.mp4", "claimed"), (None, "no_source")], ids=["claimed", "no source"]
)
def test_a_refusal_is_a_sentence(catalog: Catalog, database: Database, url: str | None, code: str) -> None:
    title = database.add_movie(1, url=url)
    catalog.claims.of_night([title], "run-1", LEASE)
    refusal = catalog.claims.one(title, "run-2", LEASE, force=True)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert refusal.sentence.startswith(
        "movie 1 is claimed by run-1 until 20" if url else "movie 1 has no video"
    )


def test_a_published_title_is_claimed_again_only_by_force(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    publish(catalog, claimed(title))
    refusal = catalog.claims.one(title, "run-2", LEASE)
    assert isinstance(refusal, Refusal)
    assert "published and its source is unchanged" in refusal.sentence
    assert catalog.claims.of_night([title], "run-2", LEASE) == []
    assert isinstance(catalog.claims.one(title, "run-2", LEASE, force=True), Claim)


def test_a_quarantined_title_is_claimed_again_only_by_force(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    catalog.verdicts.quarantine(claimed(title), "no_video", "It has no picture.")
    refusal = catalog.claims.one(title, "run-2", LEASE)
    assert isinstance(refusal, Refusal)
    assert "quarantined: It has no picture.; force tries it again" in refusal.sentence
    assert claimed(title, run_id="run-2", force=True).attempt == 1


@pytest.mark.parametrize("content_id", ["2", "abc", "007", "99999999999999999999"])
def test_a_title_that_does_not_exist_is_named(catalog: Catalog, database: Database, content_id: str) -> None:
    database.add_movie(7)
    with pytest.raises(TitleNotFound, match=f"no movie {content_id}: table movies has no row whose id is"):
        catalog.claims.one(Title("movie", content_id), "run", LEASE)
    assert database.query("SELECT * FROM nightreel.conversions") == []


def test_a_title_that_was_deleted_since_the_scan_is_passed_over(catalog: Catalog, database: Database) -> None:
    there = database.add_movie(1)
    assert [c.title for c in catalog.claims.of_night([Title("movie", "2"), there], "run", LEASE)] == [there]


def test_the_backlogs_claim_is_adopted_by_the_titles_own_run(catalog: Catalog, database: Database) -> None:
    (reserved,) = catalog.claims.of_night([database.add_movie(1)], "backlog", LEASE)
    adopted = catalog.leases.adopt(reserved.title, reserved.token, "title-run", LEASE)
    assert (adopted.run_id, adopted.release, adopted.source_url) == (
        "title-run",
        reserved.release,
        "movies/1.mp4",
    )
    assert catalog.leases.adopt(reserved.title, reserved.token, "title-run", LEASE) == adopted
    assert database.attempt(reserved)["owner"] == "title-run"
    with pytest.raises(ClaimLost, match="claimed by title-run"):
        catalog.leases.adopt(reserved.title, reserved.token, "another-run", LEASE)


def test_what_is_no_token_owns_nothing(catalog: Catalog, database: Database) -> None:
    title = database.add_movie(1)
    with pytest.raises(ClaimLost, match="'nonsense' is no claim on movie 1"):
        catalog.leases.adopt(title, "nonsense", "run", LEASE)
    with pytest.raises(ClaimLost, match="movie 1 was never claimed"):
        catalog.leases.adopt(title, "6f2c1a52-7a33-4c0e-9f0d-0d5f6f6f0001", "run", LEASE)
    with pytest.raises(ClaimLost, match="no claim was ever made"):
        catalog.leases.renew("6f2c1a52-7a33-4c0e-9f0d-0d5f6f6f0001", LEASE)


def test_a_heartbeat_notices_that_the_titles_row_was_deleted(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    catalog.leases.renew(claim, LEASE)
    database.query("DELETE FROM movies")
    with pytest.raises(TitleNotFound, match="there is no movie 1"):
        catalog.leases.renew(claim, LEASE)


def test_a_heartbeat_after_publishing_is_harmless(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    catalog.leases.renew(claim, LEASE)
    assert database.conversion(claim.title)["lease_expires_at"] is None


def test_expired_claims_go_back_to_the_backlog(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    dead, alive = claimed(database.add_movie(1), lease=PAST), claimed(database.add_movie(2))
    catalog.leases.adopt(dead.title, dead.token, "run-1", PAST)
    assert catalog.verdicts.expire_all() == [dead.title]
    assert catalog.verdicts.expire_all() == []
    record = database.conversion(dead.title)
    assert (record["state"], record["attempts"], record["owner"]) == ("pending", 1, None)
    assert database.attempt(dead)["outcome"] == "expired"
    assert database.conversion(alive.title)["state"] == "claimed"
    assert scanned(catalog) == ["movie 1"]


def test_a_reservation_that_no_run_took_up_counts_as_no_try(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1), lease=PAST)
    catalog.verdicts.expire_all()
    assert database.conversion(claim.title)["attempts"] == 0


def test_a_title_whose_runs_keep_dying_ends_failed(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    for number in range(5):
        claim = claimed(title, run_id=f"run-{number}", lease=PAST)
        catalog.leases.adopt(title, claim.token, f"run-{number}", PAST)
        catalog.verdicts.expire_all()
    assert database.conversion(title)["state"] == "failed"
    assert "without reporting" in database.conversion(title)["reason"]
    assert scanned(catalog) == []


def test_an_unmapped_content_type_cannot_be_claimed(catalog: Catalog) -> None:
    with pytest.raises(ConfigurationError, match="'song'"):
        catalog.claims.of_night([Title("song", "1")], "run", timedelta(seconds=1))


def test_an_id_that_two_rows_have_is_claimed_by_no_night_and_named_to_who_asks_for_it(
    catalog: Catalog, database: Database
) -> None:
    double, single = database.add_movie(1), database.add_movie(2)
    database.query("ALTER TABLE movies DROP CONSTRAINT movies_pkey")
    database.add_movie(1)
    assert [claim.title for claim in catalog.claims.of_night([double, single], "run", LEASE)] == [single]
    with pytest.raises(ConfigurationError, match=r"2 rows of table movies have the id 1.*make column id"):
        catalog.claims.one(double, "run", LEASE, force=True)
