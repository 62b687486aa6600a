"""What Airflow says about itself, its DAGs and their runs."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

RunState = Literal["queued", "running", "success", "failed"]
TaskState = Literal[
    "removed",
    "scheduled",
    "queued",
    "running",
    "success",
    "restarting",
    "failed",
    "up_for_retry",
    "up_for_reschedule",
    "upstream_failed",
    "skipped",
    "deferred",
    "awaiting_input",
]

_FINISHED: frozenset[RunState] = frozenset({"success", "failed"})


class DagRun(BaseModel):
    """One run of a DAG."""

    model_config = ConfigDict(frozen=True)

    dag_id: str
    dag_run_id: str
    state: RunState
    conf: dict[str, Any] | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None

    @property
    def finished(self) -> bool:
        """Whether it succeeded or failed."""
        return self.state in _FINISHED


class TaskInstance(BaseModel):
    """One task of a run; a mapped task has one per map index, others have index -1."""

    model_config = ConfigDict(frozen=True)

    task_id: str
    map_index: int
    rendered_map_index: str | None
    state: TaskState | None
    start_date: datetime | None
    end_date: datetime | None
    try_number: int


class Component(BaseModel):
    """A part of Airflow; the database has no heartbeat."""

    model_config = ConfigDict(frozen=True)

    status: str | None
    heartbeat: datetime | None

    def healthy(self, since: datetime | None = None) -> bool:
        """Whether it is healthy, with a heartbeat at or after `since`."""
        alive = since is None or self.heartbeat is None or self.heartbeat >= since
        return self.status == "healthy" and alive


class Dag(BaseModel):
    """A DAG that the processor has parsed."""

    model_config = ConfigDict(frozen=True)

    dag_id: str
    fileloc: str
    is_paused: bool
    last_parsed_time: datetime | None
    next_dagrun_run_after: datetime | None = None
    """When its schedule begins the next run; None for a DAG without one."""


class ImportFailure(BaseModel):
    """A DAG file that Airflow could not import."""

    model_config = ConfigDict(frozen=True)

    filename: str
    timestamp: datetime
