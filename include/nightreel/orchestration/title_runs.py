"""Runs of `convert_title` as the night and housekeeping see them: starting one, and whether it lives."""

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import DagResult, ErrorResponse, GetDag, TriggerDagRun

from nightreel.catalog import Claim, HeldClaim
from nightreel.runs.dags import CONVERT_DAG
from nightreel.runs.ids import title_run_id
from nightreel.runs.request import ConversionRequest

_UNFINISHED = ["queued", "running"]


class RunNotStarted(RuntimeError):
    """Airflow did not queue a run; a retry may succeed."""


def start_run(night: str, claim: Claim) -> str:
    """Queues the run that adopts a night's claim, unless it was queued before; returns its id.

    The run is given ids and the token, and looks the rest up: text that people wrote is never in a conf.
    """
    run_id = title_run_id(night, claim.title, claim.token)
    # What TriggerDagRunOperator sends. Its fields are templates, and it can start but one run.
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
    """The run that can still end a claim: the one that adopted it, or else is to adopt it."""
    if claim.night is None or claim.adopted:
        return claim.run_id
    return title_run_id(claim.night, claim.title, claim.token)


def is_alive(run_id: str) -> bool:
    """Whether the title's run is waiting or working, and neither over nor deleted."""
    ti = get_current_context()["ti"]
    return bool(ti.get_dr_count(CONVERT_DAG, run_ids=[run_id], states=_UNFINISHED))


def are_paused() -> bool:
    """Whether a person has paused the DAG: then runs are queued, and none of them begins."""
    answer = task_runner.SUPERVISOR_COMMS.send(GetDag(dag_id=CONVERT_DAG))
    return isinstance(answer, DagResult) and answer.is_paused


def was_begun(run_id: str) -> bool:
    """Whether Airflow knows the run, finished or not; it does not know a deleted one."""
    return bool(get_current_context()["ti"].get_dr_count(CONVERT_DAG, run_ids=[run_id]))
