"""What a task's state in Airflow means for whoever follows a run."""

from collections.abc import Mapping
from typing import Final, Literal

from nightreel.runs.airflow_api.records import TaskState

StepState = Literal["waiting", "running", "retrying", "done", "failed", "skipped"]

_MEANING: Final[Mapping[TaskState | None, StepState]] = {
    None: "waiting",
    "scheduled": "waiting",
    "queued": "waiting",
    "up_for_reschedule": "waiting",
    "awaiting_input": "waiting",
    "running": "running",
    # Its work goes on elsewhere, in the triggerer.
    "deferred": "running",
    "restarting": "retrying",
    "up_for_retry": "retrying",
    "success": "done",
    "failed": "failed",
    "skipped": "skipped",
    "removed": "skipped",
    # It never began, so it is not what failed.
    "upstream_failed": "skipped",
}


def step_state(state: TaskState | None) -> StepState:
    """The state of a step whose task is in this state; None before Airflow has looked at the task."""
    return _MEANING[state]


def is_over(state: StepState) -> bool:
    """Whether nothing more comes of the step by itself."""
    return state in ("done", "failed", "skipped")
