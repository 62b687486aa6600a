"""What Airflow's task states mean for whoever follows a run."""

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
    # Its work continues elsewhere, in the triggerer.
    "deferred": "running",
    "restarting": "retrying",
    "up_for_retry": "retrying",
    "success": "done",
    "failed": "failed",
    "skipped": "skipped",
    "removed": "skipped",
    # It never started, so it is not what failed.
    "upstream_failed": "skipped",
}


def step_state(state: TaskState | None) -> StepState:
    """The step's state for this state of its task, which is None before Airflow has looked at it."""
    return _MEANING[state]


def is_over(state: StepState) -> bool:
    """Whether the step cannot change any more by itself."""
    return state in ("done", "failed", "skipped")
