"""A run's progress, from the states of its tasks. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nightreel.runs.airflow_api import TaskState
from nightreel.runs.steps import Step
from nightreel.web.jobs.weights import Weights

LAST_PERCENT = 99.0
"""The most that an incomplete run shows, whatever its tasks say."""

_OVER: frozenset[TaskState] = frozenset({"success", "skipped", "removed"})
_LEAST_SHARE = 0.02
"""Below this share, the remaining time is a guess."""


@dataclass(frozen=True)
class TaskProgress:
    """A task of a run, or one item of a mapped task. `percent`: its progress while it is running."""

    task_id: str
    state: TaskState | None
    label: str | None = None
    percent: float = 0.0

    @property
    def share(self) -> float:
        """From 0 to 1. A task that will be retried counts as not started."""
        if self.state in _OVER:
            return 1.0
        return min(max(self.percent, 0.0), 100.0) / 100 if self.state == "running" else 0.0


def share_done(tasks: Sequence[TaskProgress], weights: Weights) -> float:
    """The share of the run's time that is done, from 0 to 1."""
    by_step: dict[str, list[TaskProgress]] = defaultdict(list)
    for task in tasks:
        by_step[task.task_id].append(task)
    whole = sum(weights.steps.values())
    done = sum(
        weight * _share_of_step(by_step[step], weights)
        for step, weight in weights.steps.items()
        if by_step[step]
    )
    return min(done / whole, 1.0)


def advanced(before: float, tasks: Sequence[TaskProgress], weights: Weights) -> float:
    """The percentage to show after `before`: never less, and below 100 until the run is completed."""
    return max(before, min(LAST_PERCENT, 100 * share_done(tasks, weights)))


def seconds_left(share: float, elapsed: float) -> float | None:
    """Seconds left at the pace so far; None if too little is done to tell."""
    return elapsed * (1 - share) / share if share >= _LEAST_SHARE else None


def _share_of_step(items: Sequence[TaskProgress], weights: Weights) -> float:
    costs = [weights.of_part(item.label) if item.task_id == Step.TRANSCODE else 1.0 for item in items]
    return sum(cost * item.share for cost, item in zip(costs, items, strict=True)) / sum(costs)
