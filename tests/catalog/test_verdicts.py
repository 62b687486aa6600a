from collections.abc import Callable

import pytest

from nightreel.catalog import MAX_ATTEMPTS, Catalog, Claim
from nightreel.errors import ClaimLost, TitleNotFound
from tests.catalog.conftest import LEASE, Database, publish, scanned

Claimed = Callable[..., Claim]


@pytest.mark.parametrize(("verdict", "state"), [("quarantine", "quarantined"), ("fail", "failed")])
def test_a_verdict_names_its_reason_and_frees_the_title(
    catalog: Catalog, database: Database, claimed: Claimed, verdict: str, state: str
) -> None:
    claim = claimed(database.add_movie(1))
    getattr(catalog.verdicts, verdict)(claim, "no_video", "It has no picture.")
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
    catalog.verdicts.quarantine(claim, "no_video", "It has no picture.")
    catalog.verdicts.quarantine(claim, "no_video", "It has no picture.")
    with pytest.raises(ClaimLost, match="the title is quarantined"):
        catalog.verdicts.fail(claim, "code", "sentence")
    assert database.conversion(claim.title)["state"] == "quarantined"


def test_a_published_title_cannot_be_failed_afterwards(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    publish(catalog, claim)
    with pytest.raises(ClaimLost, match="the title is published"):
        catalog.verdicts.fail(claim, "notify", "The web hook did not answer.")


def test_a_reason_may_hold_what_a_broken_source_holds(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    catalog.leases.record_plan(claim, {"title": "a\x00b\ud800"})
    catalog.verdicts.fail(claim, "encoder", "stderr: \x00\udcff end")
    assert database.conversion(claim.title)["reason"] == "stderr: \N{REPLACEMENT CHARACTER}? end"
    assert database.attempt(claim)["plan"] == {"title": "a\N{REPLACEMENT CHARACTER}b?"}


def test_a_failure_of_the_set_up_uses_up_none_of_the_titles_tries(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    for number in range(MAX_ATTEMPTS + 1):
        claim = claimed(title, run_id=f"run-{number}")
        catalog.verdicts.fail(claim, "work_area_full", "There is no room.", counted=False)
        assert scanned(catalog) == ["movie 1"]
    record = database.conversion(title)
    assert (record["state"], record["attempts"], record["reason"]) == ("failed", 0, "There is no room.")


def test_the_claim_of_a_title_whose_row_was_deleted_ends_and_nothing_failed(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    database.query("DELETE FROM movies")
    catalog.verdicts.release_deleted(claim.token)
    catalog.verdicts.release_deleted(claim.token)
    with pytest.raises(TitleNotFound):
        catalog.leases.adopt(claim.title, claim.token, claim.run_id, LEASE)
    with pytest.raises(TitleNotFound):
        catalog.leases.renew(claim, LEASE)
    record, attempt = database.conversion(claim.title), database.attempt(claim)
    assert (record["state"], record["claim_token"], record["attempts"]) == ("pending", None, 0)
    assert (attempt["outcome"], attempt["reason_code"]) == ("released", "row_deleted")


def test_a_claim_whose_run_is_over_ends_before_its_lease_does(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    over, alive = claimed(database.add_movie(1)), claimed(database.add_movie(2))
    assert catalog.verdicts.expire(over.token)
    assert not catalog.verdicts.expire(over.token)
    assert scanned(catalog) == ["movie 1"]
    assert database.attempt(over)["outcome"] == "expired"
    # It was never begun.
    assert database.conversion(over.title)["attempts"] == 0
    assert database.conversion(alive.title)["state"] == "claimed"


@pytest.mark.parametrize("verdict", ["quarantine", "fail"])
def test_a_refused_title_can_be_put_back_into_the_backlog(
    catalog: Catalog, database: Database, claimed: Claimed, verdict: str
) -> None:
    claim = claimed(database.add_movie(1))
    getattr(catalog.verdicts, verdict)(claim, "code", "sentence")
    assert catalog.verdicts.requeue(claim.title)
    assert scanned(catalog) == ["movie 1"]
    assert claimed(claim.title, run_id="run-2").attempt == 1


def test_what_was_not_refused_is_not_requeued(catalog: Catalog, database: Database, claimed: Claimed) -> None:
    claim = claimed(database.add_movie(1))
    assert not catalog.verdicts.requeue(claim.title)
    publish(catalog, claim)
    assert not catalog.verdicts.requeue(claim.title)
    assert scanned(catalog) == []


def test_a_new_claim_starts_without_the_last_ones_reason_and_warnings(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    catalog.leases.warn(claim, ["No sound."])
    catalog.verdicts.fail(claim, "encoder", "It broke.")
    (again,) = catalog.claims.of_night([claim.title], "run-2", LEASE)
    record = database.conversion(claim.title)
    assert (record["reason"], record["warnings"], again.attempt) == (None, [], 2)
