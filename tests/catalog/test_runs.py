"""What the catalog knows of a run: the attempt that it made, never a night's reservation."""

from nightreel.catalog import Catalog
from tests.catalog.conftest import LEASE, Database

NIGHT = "scheduled__2026-11-22"


def test_a_reservation_is_no_job_while_it_lasts_nor_once_it_has_ended(
    catalog: Catalog, database: Database
) -> None:
    (claim,) = catalog.claims.of_night([database.add_movie(1)], NIGHT, LEASE)
    assert catalog.runs.attempt_of(NIGHT) is None
    catalog.verdicts.fail(claim, "run_ended", "No run came for it.")
    assert catalog.runs.attempt_of(NIGHT) is None


def test_a_run_that_adopted_a_reservation_has_the_attempt_for_good(
    catalog: Catalog, database: Database
) -> None:
    (claim,) = catalog.claims.of_night([database.add_movie(1)], NIGHT, LEASE)
    adopted = catalog.leases.adopt(claim.title, claim.token, "backlog__1", LEASE)
    catalog.verdicts.fail(adopted, "encoder", "It broke.")
    attempt = catalog.runs.attempt_of("backlog__1")
    assert attempt is not None
    assert (attempt.title, attempt.outcome) == (claim.title, "failed")
