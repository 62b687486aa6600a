"""A run as Airflow sees it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from nightreel.runs.airflow_api import AirflowClient, AirflowRefused, DagRun, TaskInstance
from nightreel.runs.dags import CONVERT_DAG
from nightreel.runs.progress import PROGRESS_KEY, EncodeProgress
from nightreel.runs.states import is_over, step_state
from nightreel.runs.steps import Step
from nightreel.web.jobs.models import JobStep
from nightreel.web.jobs.progress import TaskProgress

_ORDER = tuple(Step)


@dataclass(frozen=True)
class Observation:
    """A run and its tasks, in the order of the work."""

    run: DagRun
    tasks: tuple[TaskInstance, ...]
    percents: dict[tuple[str, int], float]
    """The progress of tasks that report it, by id and map index."""

    @property
    def progress(self) -> list[TaskProgress]:
        """The progress of each task, for the job's percentage."""
        return [
            TaskProgress(
                task.task_id,
                task.state,
                task.rendered_map_index,
                self.percents.get((task.task_id, task.map_index), 0.0),
            )
            for task in self.tasks
        ]

    @property
    def steps(self) -> tuple[JobStep, ...]:
        """The tasks as the API shows them, in order."""
        return tuple(self._step(task) for task in self.tasks)

    @property
    def current(self) -> str | None:
        """The first task that is at work or comes next; None if all are over."""
        return next((step.name for step in self.steps if not is_over(step.state)), None)

    def _step(self, task: TaskInstance) -> JobStep:
        percent = self.percents.get((task.task_id, task.map_index))
        return JobStep(
            name=task.task_id,
            label=task.rendered_map_index,
            state=step_state(task.state),
            percent=None if percent is None else int(percent),
            started_at=task.start_date,
            ended_at=task.end_date,
        )


def observe(airflow: AirflowClient, run_id: str) -> Observation | None:
    """The run with this id; None if Airflow does not know it. If it waits or is over, nothing more is
    requested.

    Raises AirflowUnavailable, and AirflowRefused for a caller who may not look.
    """
    try:
        run = airflow.run(CONVERT_DAG, run_id)
        if run.state != "running":
            return Observation(run, (), {})
        tasks = sorted(airflow.task_instances(CONVERT_DAG, run_id), key=_order)
    except AirflowRefused as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise
    encoding = [task for task in tasks if task.task_id == Step.TRANSCODE and task.state == "running"]
    percents = {
        (task.task_id, task.map_index): _percent(
            airflow.task_state(CONVERT_DAG, run_id, task.task_id, PROGRESS_KEY, task.map_index)
        )
        for task in encoding
    }
    return Observation(run, tuple(tasks), percents)


def _order(task: TaskInstance) -> tuple[int, str, int]:
    place = _ORDER.index(task.task_id) if task.task_id in _ORDER else len(_ORDER)
    return place, task.task_id, task.map_index


def _percent(kept: Any) -> float:
    encode = EncodeProgress.read(kept)
    return encode.percent if encode else 0.0
