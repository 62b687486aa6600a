"""Runs of the real DAGs, in this process."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.models import TaskInstance
from airflow.sdk import DAG

from nightreel.settings import PROJECT_ROOT
from nightreel.title import Title

DAGS = PROJECT_ROOT / "dags"


@dataclass(frozen=True)
class Run:
    """A finished run of a DAG."""

    dag_id: str
    id: str
    state: str
    tasks: tuple[TaskInstance, ...]

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
    bag = DagBag(DAGS)
    assert not bag.import_errors
    return bag.dags[dag_id]


def run_dag(
    dag_id: str,
    conf: dict[str, Any] | None = None,
    *,
    pretend: str | None = None,
    change: Callable[[DAG], None] = lambda dag: None,
) -> Run:
    """Runs a DAG to its end. Tasks whose id matches `pretend` succeed without being run."""
    dag = load_dag(dag_id)
    # Airflow's in-process run looks a deadline up in the database by its whole definition.
    dag.deadline = None
    change(dag)
    run = dag.test(run_conf=conf, mark_success_pattern=re.compile(pretend) if pretend else None)
    tasks = sorted(run.get_task_instances(), key=lambda task: (task.task_id, task.map_index))
    return Run(dag_id, run.run_id, str(run.state), tuple(tasks))


def convert(title: Title, **conf: Any) -> Run:
    """A run of `convert_title`, as a person triggers it."""
    return run_dag(
        "convert_title", {"content_type": title.content_type, "content_id": title.content_id, **conf}
    )
