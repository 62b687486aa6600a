"""Airflow's cluster policy: the pools of a run's tasks. Loaded at every start of Airflow."""

from typing import TYPE_CHECKING

from airflow.policies import hookimpl

from nightreel.orchestration.pools import ENCODE, ENCODE_MANUAL
from nightreel.runs.dags import CONVERT_DAG, by_night

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance


@hookimpl
def task_instance_mutation_hook(task_instance: "TaskInstance", dag_run: "DagRun | None") -> None:
    """Moves the encodes of runs that no night started into the manual pool."""
    run_id = task_instance.run_id if dag_run is None else dag_run.run_id
    if (
        task_instance.dag_id == CONVERT_DAG
        and task_instance.pool == ENCODE
        and run_id is not None
        and not by_night(run_id)
    ):
        task_instance.pool = ENCODE_MANUAL
