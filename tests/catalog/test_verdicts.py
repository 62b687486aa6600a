from collections.abc import Callable

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.errors import ClaimLost
from tests.catalog.conftest import LEASE, Database, publish, scanned

Claimed = Callable[..., Claim]


@pytest.mark.parametrize(("verdict", "state"), [("quarantine", "quarantined"), ("fail", "failed")])
def test_a_verdict_names_its_reason_and_frees_the_title(
    catalog: Catalog, database: Database, claimed: Claimed, verdict: str, state: str
) -> None:
    claim = claimed(database.add_movie(1))
    getattr(catalog, verdict)(claim, "no_video", "It has no picture.")
    record = database.conversion(claim.title)
    assert (record["state"], record["reason_code"]) == (state, "no_video")
    assert record["reason"] == "It has no picture."
    assert (record["claim_token"], record["owner"], record["lease_expires_at"]) == (None, None, None)
    attempt = database.attempt(claim)
    assert (attempt["outcome"], attempt["reason"]) == (state, "It has no picture.")


def test_the_same_verdict_again_is_harmless_and_another_one_is_refused(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    catalog.quarantine(claim, "no_video", "It has no picture.")
    catalog.quarantine(claim, "no_video", "It has no picture.")
    with pytest.raises(ClaimLost, match="the title is quarantined"):
        catalog.fail(claim, "code", "sentence")
    assert database.conversion(claim.title)["state"] == "quarantined"


def test_a_published_title_cannot_be_failed_afterwards(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    with pytest.raises(ClaimLost, match="the title is published"):
        catalog.fail(claim, "notify", "The web hook did not answer.")


def test_a_reason_may_hold_what_a_broken_source_holds(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    catalog.record_plan(claim, {"title": "a\x00b\ud800"})
    catalog.fail(claim, "encoder", "stderr: \x00\udcff end")
    assert database.conversion(claim.title)["reason"] == "stderr: \N{REPLACEMENT CHARACTER}? end"
    assert database.attempt(claim)["plan"] == {"title": "a\N{REPLACEMENT CHARACTER}b?"}


def test_a_released_claim_goes_back_to_the_backlog_and_counts_as_no_try(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    catalog.release_claim(claim)
    assert scanned(catalog) == ["movie 1"]
    assert database.conversion(claim.title)["attempts"] == 0
    assert database.attempt(claim)["outcome"] == "released"


@pytest.mark.parametrize("verdict", ["quarantine", "fail"])
def test_a_refused_title_can_be_put_back_into_the_backlog(
    catalog: Catalog, database: Database, claimed: Claimed, verdict: str
) -> None:
    claim = claimed(database.add_movie(1))
    getattr(catalog, verdict)(claim, "code", "sentence")
    assert catalog.requeue(claim.title)
    assert scanned(catalog) == ["movie 1"]
    assert claimed(claim.title, owner="run-2").attempt == 1


def test_what_was_not_refused_is_not_requeued(catalog: Catalog, database: Database, claimed: Claimed) -> None:
    claim = claimed(database.add_movie(1))
    assert not catalog.requeue(claim.title)
    publish(catalog, claim)
    assert not catalog.requeue(claim.title)
    assert scanned(catalog) == []


def test_a_new_claim_starts_without_the_last_ones_reason_and_warnings(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    catalog.warn(claim, ["No sound."])
    catalog.fail(claim, "encoder", "It broke.")
    (again,) = catalog.claim([claim.title], "run-2", LEASE)
    record = database.conversion(claim.title)
    assert (record["reason"], record["warnings"], again.attempt) == (None, [], 2)
