"""Nightreel's requests to Airflow, in the terms of its public REST API."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from nightreel.runs.airflow_api.connection import ANSWER_SECONDS, AirflowConnection
from nightreel.runs.airflow_api.login import Login
from nightreel.runs.airflow_api.records import Component, Dag, DagRun, ImportFailure, TaskInstance


class AirflowClient:
    """A client of one Airflow. Not safe to share between threads; a Login is.

    `patience`: seconds of silence after which Airflow counts as unavailable.

    Every method raises AirflowUnavailable when there is no answer, AirflowRefused when the
    answer is no, ConfigurationError when the user name or password is wrong.
    """

    def __init__(self, url: str, login: Login, patience: float = ANSWER_SECONDS) -> None:
        self._airflow = AirflowConnection(url, login, patience)

    @classmethod
    def with_token(cls, url: str, token: str) -> Self:
        """A client that acts as the token's owner, for as long as the token lasts."""
        return cls(url, Login.by_token(token))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes its connections."""
        self._airflow.close()

    def health(self) -> dict[str, Component]:
        """The health of metadatabase, scheduler, triggerer and dag_processor; needs no login."""
        return {
            part: Component(status=info["status"], heartbeat=info.get(f"latest_{part}_heartbeat"))
            for part, info in self._airflow.get_openly("/api/v2/monitor/health").items()
            if info is not None
        }

    def dags(self) -> list[Dag]:
        """All DAGs that the API shows. Raises AirflowUnavailable."""
        return [Dag.model_validate(dag) for dag in self._airflow.pages("/api/v2/dags", "dags")]

    def dag(self, dag_id: str) -> Dag:
        """Raises AirflowRefused when there is none with this id, and AirflowUnavailable."""
        return Dag.model_validate(self._airflow.get(f"/api/v2/dags/{dag_id}"))

    def paused(self, dag_ids: Iterable[str]) -> tuple[str, ...]:
        """Which of these DAGs are paused, in the order given."""
        paused = {dag["dag_id"] for dag in self._airflow.pages("/api/v2/dags", "dags", {"paused": True})}
        return tuple(dag_id for dag_id in dag_ids if dag_id in paused)

    def pause(self, dag_id: str, paused: bool) -> None:
        """Pauses or resumes a DAG's schedule; runs in progress continue either way."""
        self._airflow.patch(f"/api/v2/dags/{dag_id}", {"is_paused": paused})

    def import_errors(self) -> list[ImportFailure]:
        """DAG files that Airflow could not read. Raises AirflowUnavailable."""
        return [
            ImportFailure.model_validate(error)
            for error in self._airflow.pages("/api/v2/importErrors", "import_errors")
        ]

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, run_id: str | None = None) -> str:
        """Queues a run without a logical date and returns its id.

        AirflowRefused if the DAG or a parameter is unknown, or `run_id` exists already.
        """
        body = {"logical_date": None, "conf": dict(conf or {}), "dag_run_id": run_id}
        return str(self._airflow.post(f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> DagRun:
        """Raises AirflowRefused when there is none with this id, and AirflowUnavailable."""
        return DagRun.model_validate(self._airflow.get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))

    def runs(self, dag_id: str, since: datetime | None = None) -> list[DagRun]:
        """The runs of a DAG, latest first; only those queued at or after `since`."""
        query: dict[str, Any] = {"order_by": "-run_after"}
        if since is not None:
            query["run_after_gte"] = since.isoformat()
        return [
            DagRun.model_validate(run)
            for run in self._airflow.pages(f"/api/v2/dags/{dag_id}/dagRuns", "dag_runs", query)
        ]

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """Every task of the run; a mapped task once for each map index."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return [TaskInstance.model_validate(task) for task in self._airflow.pages(path, "task_instances")]

    def xcom(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task that is not mapped returned. AirflowRefused if it returned nothing."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        return self._airflow.get(path, {"map_index": -1, "deserialize": True})["value"]

    def task_state(self, dag_id: str, run_id: str, task_id: str, key: str, map_index: int = -1) -> Any:
        """What a task stores in its state under `key`; None if nothing."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/state-store/{key}"
        kept = self._airflow.find(path, {"map_index": map_index})
        return None if kept is None else kept["value"]
