"""Claims of runs that are over, gone or silent: housekeeping gives their titles back to the backlog."""

from collections.abc import Callable

import pytest
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType

from nightreel.catalog import Claim
from nightreel.runs.dags import title_run_id
from nightreel.vocabulary.title import Title
from tests.orchestration.installation import Installation
from tests.orchestration.runs import keep_house, run_dag

Install = Callable[..., Installation]


GONE = "manual__a_run_that_airflow_does_not_know"


def claimed(installation: Installation, content_id: int, run_id: str) -> Title:
    title = installation.add_movie(content_id, f"sources/{content_id}.mp4")
    assert isinstance(installation.catalog.claims.one(title, run_id, installation.settings.lease), Claim)
    return title


def airflow_run(run_id: str, state: DagRunState) -> str:
    """A run of `convert_title` as Airflow's database has it."""
    run_dag("housekeeping", pretend=".*")
    with create_session() as session:
        assert session.get(DagModel, "convert_title")
        session.add(
            DagRun(
                dag_id="convert_title",
                run_id=run_id,
                run_type=DagRunType.MANUAL,
                state=state,
                triggered_by=DagRunTriggeredByType.TEST,
            )
        )
    return run_id


def test_the_title_of_a_run_that_is_gone_goes_back_to_the_backlog(install: Install) -> None:
    installation = install()
    title = claimed(installation, 1, GONE)
    installation.age_leases()
    assert keep_house("expired_claims").xcom("expired_claims") == ["movie 1"]
    conversion = installation.conversion(title)
    assert (conversion["state"], conversion["reason_code"]) == ("pending", "claim_expired")
    assert [row.content_id for row in installation.catalog.backlog.unconverted(10)] == ["1"]


@pytest.mark.parametrize("state", [DagRunState.SUCCESS, DagRunState.FAILED])
def test_the_title_of_a_run_that_ended_goes_back_to_the_backlog(install: Install, state: DagRunState) -> None:
    installation = install()
    title = claimed(installation, 1, airflow_run(f"ended_{state}", state))
    installation.age_leases()
    keep_house("expired_claims")
    assert installation.conversion(title)["state"] == "pending"


@pytest.mark.parametrize("state", [DagRunState.QUEUED, DagRunState.RUNNING])
def test_the_title_of_a_run_that_waits_or_works_stays_with_it_however_long_it_was_silent(
    install: Install, state: DagRunState
) -> None:
    installation = install()
    claimed(installation, 1, airflow_run(f"alive_{state}", state))
    installation.age_leases()
    assert keep_house("expired_claims").xcom("expired_claims") == []
    (renewed,) = installation.query(
        "SELECT state, lease_expires_at > now() + interval '1 hour' AS held FROM nightreel.conversions"
    )
    assert renewed == {"state": "claimed", "held": True}


def test_a_claim_whose_run_was_deleted_ends_before_its_lease_does(install: Install) -> None:
    installation = install()
    title = claimed(installation, 1, GONE)
    assert keep_house("expired_claims").xcom("expired_claims") == ["movie 1"]
    assert installation.conversion(title)["state"] == "pending"


def test_a_reservation_waits_a_moment_for_the_night_to_queue_its_run(install: Install) -> None:
    installation = install()
    title = installation.add_movie(1, "sources/1.mp4")
    installation.catalog.claims.of_night([title], "scheduled__night", installation.settings.lease)
    assert keep_house("expired_claims").xcom("expired_claims") == []
    installation.query("UPDATE nightreel.conversions SET claimed_at = now() - interval '1 hour'")
    assert keep_house("expired_claims").xcom("expired_claims") == ["movie 1"]


def test_a_reservation_whose_run_ended_before_it_began_waits_for_nothing(install: Install) -> None:
    # As one that a person marked failed while it was queued.
    installation = install()
    title = installation.add_movie(1, "sources/1.mp4")
    (claim,) = installation.catalog.claims.of_night([title], "scheduled__night", installation.settings.lease)
    airflow_run(title_run_id("scheduled__night", title, claim.token), DagRunState.SUCCESS)
    assert keep_house("expired_claims").xcom("expired_claims") == ["movie 1"]
