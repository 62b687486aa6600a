"""Runs of the real DAGs, in this process."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.models import DagModel, DagRun, TaskInstance
from airflow.sdk import DAG
from airflow.utils.session import create_session
from sqlalchemy import delete, select, update

from nightreel.places import PROJECT_ROOT
from nightreel.runs.dags import CONVERT_DAG, NIGHT_PREFIX
from nightreel.vocabulary.title import Title

DAGS = PROJECT_ROOT / "dags"


@dataclass(frozen=True)
class Run:
    """A finished run of a DAG."""

    dag_id: str
    id: str
    state: str
    tasks: tuple[TaskInstance, ...]
    logical_date: datetime
    run_after: datetime

    @property
    def states(self) -> dict[str, str]:
        """The state of each task; of a mapped one, that of its last item."""
        return {task.task_id: str(task.state) for task in self.tasks}

    def tries(self, task_id: str) -> int:
        return max(task.try_number for task in self.tasks if task.task_id == task_id)

    def mapped_names(self, task_id: str) -> set[str]:
        return {task.rendered_map_index for task in self.tasks if task.task_id == task_id}

    def xcom(self, task_id: str, key: str = "return_value") -> Any:
        return self.tasks[0].xcom_pull(task_ids=task_id, key=key)


def load_dag(dag_id: str) -> DAG:
    """The DAG as the settings of this moment make it."""
    bag = DagBag(DAGS / f"{dag_id}.py")
    assert not bag.import_errors
    return bag.dags[dag_id]


def run_dag(
    dag_id: str,
    conf: dict[str, Any] | None = None,
    *,
    pretend: str | None = None,
    change: Callable[[DAG], None] = lambda dag: None,
    again: Run | None = None,
) -> Run:
    """Runs a DAG to its end. Tasks whose id matches `pretend` succeed without being run.

    `again` is a run that a person cleared: it runs once more, under its own id.
    """
    dag = load_dag(dag_id)
    # Airflow's in-process run looks a deadline up in the database by its whole definition.
    dag.deadline = None
    change(dag)
    pattern = re.compile(pretend) if pretend else None
    dates = {} if again is None else {"logical_date": again.logical_date, "run_after": again.run_after}
    return _seen(dag.test(run_conf=conf, mark_success_pattern=pattern, **dates))


def _seen(run: DagRun) -> Run:
    tasks = sorted(run.get_task_instances(), key=lambda task: (task.task_id, task.map_index))
    return Run(run.dag_id, run.run_id, str(run.state), tuple(tasks), run.logical_date, run.run_after)


@dataclass(frozen=True)
class QueuedRun:
    """A run of `convert_title` that a night queued, and nobody works on."""

    id: str
    conf: dict[str, Any]

    @property
    def title(self) -> Title:
        return Title(self.conf["content_type"], self.conf["content_id"])

    @property
    def token(self) -> str:
        return str(self.conf["claim"])

    def end(self, state: str) -> None:
        """As the scheduler does after its last task, or a person who marks it."""
        with create_session() as session:
            session.execute(self._mine(update(DagRun)).values(state=state))

    def delete(self) -> None:
        """As a person does in the UI."""
        with create_session() as session:
            session.execute(self._mine(delete(DagRun)))

    def _mine(self, statement: Any) -> Any:
        return statement.where(DagRun.dag_id == CONVERT_DAG, DagRun.run_id == self.id)


def pause(dag_id: str, *, paused: bool = True) -> None:
    """As a person does in the UI."""
    with create_session() as session:
        session.execute(update(DagModel).where(DagModel.dag_id == dag_id).values(is_paused=paused))


def queued_runs() -> list[QueuedRun]:
    """Those that nights queued, the earliest first."""
    with create_session() as session:
        runs = session.scalars(
            select(DagRun).where(DagRun.dag_id == CONVERT_DAG, DagRun.state == "queued").order_by(DagRun.id)
        ).all()
        return [QueuedRun(run.run_id, dict(run.conf)) for run in runs if run.run_id.startswith(NIGHT_PREFIX)]


def asked_for(title: Title, **conf: Any) -> dict[str, Any]:
    """The configuration of a run of `convert_title`."""
    return {"content_type": title.content_type, "content_id": title.content_id, **conf}


def convert(title: Title, **conf: Any) -> Run:
    """A run of `convert_title`, as a person triggers it."""
    return run_dag("convert_title", asked_for(title, **conf))


def keep_house(task_id: str) -> Run:
    """A run of `housekeeping` that does one of its chores."""
    run = run_dag("housekeeping", pretend=f"(?!{task_id}$).*")
    assert run.state == "success"
    return run
