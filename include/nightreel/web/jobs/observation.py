"""A run as Airflow sees it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from nightreel.airflow_api import AirflowClient, AirflowRefused, DagRun, TaskInstance
from nightreel.runs import CONVERT_DAG, PROGRESS_KEY
from nightreel.web.jobs.models import JobStep, StepState
from nightreel.web.jobs.progress import TaskProgress
from nightreel.web.jobs.weights import STEPS, TRANSCODE

"""Under which an encode keeps how far it is in its task's state."""

_STATES: dict[str | None, StepState] = {
    "success": "done",
    "skipped": "skipped",
    "removed": "skipped",
    "failed": "failed",
    "upstream_failed": "skipped",
    "running": "running",
    "restarting": "running",
}


@dataclass(frozen=True)
class Observation:
    """A run and its tasks, in the order of the work."""

    run: DagRun
    tasks: tuple[TaskInstance, ...]
    percents: dict[tuple[str, int], float]
    """Of the tasks that say how far they are, by id and map index."""

    @property
    def progress(self) -> list[TaskProgress]:
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
        return tuple(self._step(task) for task in self.tasks)

    @property
    def current(self) -> str | None:
        """The first task that is at work or comes next; None when all are over."""
        return next((step.name for step in self.steps if step.state in ("running", "waiting")), None)

    def _step(self, task: TaskInstance) -> JobStep:
        percent = self.percents.get((task.task_id, task.map_index))
        return JobStep(
            name=task.task_id,
            label=task.rendered_map_index,
            state=_STATES.get(task.state, "waiting"),
            percent=None if percent is None else int(percent),
            started_at=task.start_date,
            ended_at=task.end_date,
        )


def observe(airflow: AirflowClient, job_id: str) -> Observation | None:
    """The run with this id; None when Airflow knows none. A run that waits or is over is asked
    for no more than that.

    Raises AirflowUnavailable, and AirflowRefused for a caller who may not look.
    """
    try:
        run = airflow.run(CONVERT_DAG, job_id)
        if run.state != "running":
            return Observation(run, (), {})
        tasks = sorted(airflow.task_instances(CONVERT_DAG, job_id), key=_order)
    except AirflowRefused as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise
    encoding = [task for task in tasks if task.task_id == TRANSCODE and task.state == "running"]
    percents = {
        (task.task_id, task.map_index): _percent(
            airflow.task_state(CONVERT_DAG, job_id, task.task_id, PROGRESS_KEY, task.map_index)
        )
        for task in encoding
    }
    return Observation(run, tuple(tasks), percents)


def _order(task: TaskInstance) -> tuple[int, str, int]:
    place = STEPS.index(task.task_id) if task.task_id in STEPS else len(STEPS)
    return place, task.task_id, task.map_index


def _percent(kept: Any) -> float:
    """Of what an encode keeps; 0 before it has kept anything, or where an earlier release kept another."""
    percent = kept.get("percent") if isinstance(kept, dict) else None
    return min(max(float(percent), 0.0), 100.0) if isinstance(percent, int | float) else 0.0
