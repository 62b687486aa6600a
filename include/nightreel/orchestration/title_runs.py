"""Runs of `convert_title` as the night and housekeeping see them."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import DagResult, ErrorResponse, GetDag, TriggerDagRun

from nightreel.catalog import Catalog, Claim, HeldClaim
from nightreel.runs.dags import CONVERT_DAG, title_run_id
from nightreel.runs.request import ConversionRequest

log = logging.getLogger(__name__)

_UNFINISHED = ["queued", "running"]
_BEING_QUEUED = timedelta(minutes=5)
"""A night claims a title first, and queues its run a moment later."""


class RunNotStarted(RuntimeError):
    """Airflow did not queue a run; a retry may succeed."""


def start_run(night: str, claim: Claim) -> str:
    """Queues the run that adopts a night's claim, unless it was queued before; returns its id.

    The run gets ids and the token, and looks up the rest: text that people wrote is never in a conf.
    """
    run_id = title_run_id(night, claim.title, claim.token)
    # TriggerDagRunOperator sends the same, but its fields are templates, and it starts only one run.
    answer = task_runner.SUPERVISOR_COMMS.send(
        TriggerDagRun(
            dag_id=CONVERT_DAG,
            run_id=run_id,
            conf=ConversionRequest(claim.title, claim=claim.token).conf(),
        )
    )
    if isinstance(answer, ErrorResponse) and answer.error != ErrorType.DAGRUN_ALREADY_EXISTS:
        raise RunNotStarted(f"Airflow did not take the run {run_id}: {answer.detail}")
    return run_id


def run_of(claim: HeldClaim) -> str:
    """The run that can still end a claim: the one that adopted it, or the one that is to adopt it."""
    if claim.night is None or claim.adopted:
        return claim.run_id
    return title_run_id(claim.night, claim.title, claim.token)


def is_alive(run_id: str) -> bool:
    """Whether the title's run is waiting or working, rather than over or deleted."""
    ti = get_current_context()["ti"]
    return bool(ti.get_dr_count(CONVERT_DAG, run_ids=[run_id], states=_UNFINISHED))


def are_paused() -> bool:
    """Whether a person has paused the DAG: then runs are queued, but none of them starts."""
    answer = task_runner.SUPERVISOR_COMMS.send(GetDag(dag_id=CONVERT_DAG))
    return isinstance(answer, DagResult) and answer.is_paused


def was_begun(run_id: str) -> bool:
    """Whether Airflow knows the run, finished or not. It does not know a deleted one."""
    return bool(get_current_context()["ti"].get_dr_count(CONVERT_DAG, run_ids=[run_id]))


def expire_unattended(catalog: Catalog, claims: Iterable[HeldClaim]) -> list[HeldClaim]:
    """Ends the claims of runs that are over or were deleted; returns the other claims."""
    attended = []
    for claim in claims:
        # In this order, a run that is queued between the two questions is found alive.
        begun = was_begun(run_of(claim))
        if is_alive(run_of(claim)) or (not begun and _is_being_queued(claim)):
            attended.append(claim)
        else:
            log.warning("%s: the run %s is over or was deleted; its claim ends", claim.title, run_of(claim))
            catalog.verdicts.expire(claim.token)
    return attended


def _is_being_queued(claim: HeldClaim) -> bool:
    reserved = claim.night is not None and not claim.adopted
    return reserved and datetime.now(UTC) - claim.claimed_at < _BEING_QUEUED
