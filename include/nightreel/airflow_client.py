"""Airflow's public REST API, as far as Nightreel's command line and web app need it."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from types import TracebackType
from typing import Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict

from nightreel.errors import ConfigurationError, Permanent, Transient

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

_FINISHED: frozenset[str] = frozenset({"success", "failed"})
_PAGE = 100
_ANSWER_SECONDS = 30.0
_BRIEF_SECONDS = 5.0
_ABSENCE_SECONDS = 120.0


class AirflowUnavailable(Transient):
    """Airflow's API server did not answer, or answered with a server error."""


class AirflowRefused(Permanent):
    """Airflow understood the request and refused it; the message carries its reason.

    `status` is that of its answer (HTTP).
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


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
        """Whether it is at work, and was heard of at or after `since`."""
        alive = since is None or self.heartbeat is None or self.heartbeat >= since
        return self.status == "healthy" and alive


class Dag(BaseModel):
    """A DAG that the processor has parsed."""

    model_config = ConfigDict(frozen=True)

    dag_id: str
    fileloc: str
    is_paused: bool
    is_stale: bool
    last_parsed_time: datetime | None
    next_dagrun_run_after: datetime | None = None
    """When its schedule begins the next run; None for a DAG without one."""


class ImportFailure(BaseModel):
    """A DAG file that Airflow could not import."""

    model_config = ConfigDict(frozen=True)

    filename: str
    timestamp: datetime
    stack_trace: str


class Login:
    """One user's way into an Airflow: a token, and the password for the next one.

    Safe to share: with one of them, clients of all threads log in once.
    """

    def __init__(self, username: str, password: str, token: str | None = None) -> None:
        self._credentials = {"username": username, "password": password}
        self._token = token
        self._lock = threading.Lock()

    def token(self, refused: str | None, ask: Callable[[Mapping[str, str]], str]) -> str:
        """A token other than the one that was refused; `ask` trades credentials for one."""
        with self._lock:
            if self._token is None or self._token == refused:
                self._token = ask(self._credentials)
            return self._token


class AirflowClient:
    """A client of one Airflow. Not safe to share between threads; a Login is.

    Every method raises AirflowUnavailable when there is no answer, AirflowRefused when the
    answer is no, ConfigurationError when the user name or password is wrong.
    """

    def __init__(self, url: str, username: str, password: str, login: Login | None = None) -> None:
        self._login = login or Login(username, password)
        # trust_env off: a proxy of the machine must not stand before the loopback interface.
        local = httpx.URL(url).host in ("127.0.0.1", "localhost")
        self._http = httpx.Client(
            base_url=url, timeout=_ANSWER_SECONDS, trust_env=not local, verify=_certificates()
        )

    @classmethod
    def with_token(cls, url: str, token: str) -> "AirflowClient":
        """A client that is whoever the token was issued to, for as long as it lasts."""
        return cls(url, "", "", Login("", "", token))

    @classmethod
    def with_login(cls, url: str, login: Login) -> "AirflowClient":
        """A client that logs in only if no other one with this login has."""
        return cls(url, "", "", login)

    def __enter__(self) -> "AirflowClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def health(self) -> dict[str, Component]:
        """Of metadatabase, scheduler, triggerer and dag_processor; needs no login."""
        answer = _accepted(self._send("GET", "/api/v2/monitor/health", timeout=_BRIEF_SECONDS))
        return {
            part: Component(status=info["status"], heartbeat=info.get(f"latest_{part}_heartbeat"))
            for part, info in answer.json().items()
            if info is not None
        }

    def dags(self) -> list[Dag]:
        return [Dag.model_validate(dag) for dag in self._pages("/api/v2/dags", "dags")]

    def dag(self, dag_id: str) -> Dag:
        return Dag.model_validate(self._get(f"/api/v2/dags/{dag_id}"))

    def pause(self, dag_id: str, paused: bool) -> None:
        """Holds a DAG's schedule, or lets it go on; runs that began go on either way."""
        _accepted(self._authorised("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": paused}))

    def import_errors(self) -> list[ImportFailure]:
        return [
            ImportFailure.model_validate(error)
            for error in self._pages("/api/v2/importErrors", "import_errors")
        ]

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, run_id: str | None = None) -> str:
        """Queues a run without a logical date and returns its id.

        AirflowRefused if the DAG or a parameter is unknown, or `run_id` exists already.
        """
        body = {"logical_date": None, "conf": dict(conf or {}), "dag_run_id": run_id}
        return str(self._post(f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> DagRun:
        return DagRun.model_validate(self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))

    def runs(self, dag_id: str, since: datetime | None = None) -> list[DagRun]:
        """The runs of a DAG, latest first; only those queued at or after `since`."""
        query: dict[str, Any] = {"order_by": "-run_after"}
        if since is not None:
            query["run_after_gte"] = since.isoformat()
        return [
            DagRun.model_validate(run)
            for run in self._pages(f"/api/v2/dags/{dag_id}/dagRuns", "dag_runs", query)
        ]

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """Every task of the run, each map index of a mapped one by itself."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return [TaskInstance.model_validate(task) for task in self._pages(path, "task_instances")]

    def xcom(
        self, dag_id: str, run_id: str, task_id: str, key: str = "return_value", map_index: int = -1
    ) -> Any:
        """A value that a task pushed. AirflowRefused if it pushed none."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/{key}"
        return self._get(path, {"map_index": map_index, "deserialize": True})["value"]

    def task_state(self, dag_id: str, run_id: str, task_id: str, key: str, map_index: int = -1) -> Any:
        """What a task keeps in its state store under `key`; None if nothing."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/state-store/{key}"
        answer = self._authorised("GET", path, params={"map_index": map_index})
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return _accepted(answer).json()["value"]

    def wait_for_run(
        self, dag_id: str, run_id: str, timeout: float | None = None, interval: float = 1.0
    ) -> DagRun:
        """The run once it has succeeded or failed; both times in seconds.

        An API server that is away for two minutes at most, as while it is restarted, is
        waited for. Raises TimeoutError.
        """
        started = heard = time.monotonic()
        while True:
            try:
                run = self.run(dag_id, run_id)
            except AirflowUnavailable:
                if time.monotonic() - heard > _ABSENCE_SECONDS:
                    raise
            else:
                heard = time.monotonic()
                if run.finished:
                    return run
            if timeout is not None and time.monotonic() - started > timeout:
                raise TimeoutError(f"{dag_id} {run_id} did not finish within {timeout:.0f} s")
            time.sleep(interval)

    def _pages(
        self, path: str, field: str, query: Mapping[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._get(path, {**(query or {}), "limit": _PAGE, "offset": offset})
            yield from page[field]
            offset += len(page[field])
            if not page[field] or offset >= page["total_entries"]:
                return

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = _accepted(self._authorised("GET", path, params=query))
        return dict(answer.json())

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = _accepted(self._authorised("POST", path, json=body))
        return dict(answer.json())

    def _authorised(self, method: str, path: str, **request: Any) -> httpx.Response:
        token = self._login.token(None, self._ask)
        answer = self._send(method, path, headers=_bearer(token), **request)
        if _wants_another_token(answer):
            # A token lasts a day, or until Airflow's secret changes; a wait may last longer.
            token = self._login.token(token, self._ask)
            answer = self._send(method, path, headers=_bearer(token), **request)
        return answer

    def _ask(self, credentials: Mapping[str, str]) -> str:
        if not credentials["username"]:
            raise AirflowRefused("the user's token of Airflow holds no longer", httpx.codes.UNAUTHORIZED)
        answer = self._send("POST", "/auth/token", json=dict(credentials))
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise ConfigurationError(
                f"Airflow at {self._http.base_url} does not accept this password "
                f"of the user {credentials['username']!r}"
            )
        return str(_accepted(answer).json()["access_token"])

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            kind = type(error).__name__
            raise AirflowUnavailable(f"Airflow at {self._http.base_url} does not answer ({kind})") from error
        if answer.is_server_error:
            raise AirflowUnavailable(
                f"Airflow at {self._http.base_url} answered {answer.status_code} to {path}"
            )
        return answer


@cache
def _certificates() -> ssl.SSLContext:
    # Reading them takes tens of milliseconds, and a client is made for every request of the web app.
    return httpx.create_ssl_context()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _wants_another_token(answer: httpx.Response) -> bool:
    # Airflow answers 401 to a token that has expired, and 403 to one that it did not sign.
    forged = answer.status_code == httpx.codes.FORBIDDEN and "Invalid JWT token" in answer.text
    return forged or answer.status_code == httpx.codes.UNAUTHORIZED


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    try:
        reason = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        reason = answer.reason_phrase
    if isinstance(reason, Mapping):
        reason = reason.get("reason") or reason.get("message") or reason
    request = answer.request
    raise AirflowRefused(f"Airflow refused {request.method} {request.url.path}: {reason}", answer.status_code)
