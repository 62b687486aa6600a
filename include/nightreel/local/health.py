"""Waits for Airflow, with all four parts healthy and every DAG file parsed, and for the web app."""

import re
import time
from datetime import datetime

import httpx

from nightreel.local.addresses import StackAddresses
from nightreel.local.environment import Project
from nightreel.local.failures import StackFailed
from nightreel.local.supervise import Supervisor
from nightreel.runs.airflow_api import AirflowClient, AirflowUnavailable, Login

_PATIENCE_SECONDS = 180.0
_INTERVAL_SECONDS = 0.25
_WEB_SECONDS = 5.0

# Airflow parses files with these two words, in any case (dag_discovery_safe_mode).
_DAG_WORDS = (re.compile(rb"dag", re.IGNORECASE), re.compile(rb"airflow", re.IGNORECASE))


def wait_until_healthy(
    addresses: StackAddresses, project: Project, supervisor: Supervisor, since: datetime | None = None
) -> None:
    """Returns once Airflow is healthy and has parsed its DAG files, both at or after `since`, and the web
    app answers.

    Raises StackFailed when a part cannot be started, or after three minutes.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with AirflowClient(addresses.airflow_url, Login(addresses.username, addresses.password)) as client:
        while missing := _missing(client, project, since) or _missing_web(addresses):
            supervisor.raise_if_given_up()
            if time.monotonic() > deadline:
                raise StackFailed(f"the stack is not ready after {_PATIENCE_SECONDS:.0f} s: {missing}")
            time.sleep(_INTERVAL_SECONDS)


def _missing(client: AirflowClient, project: Project, since: datetime | None) -> str:
    """What is still missing, in words; empty if nothing is."""
    try:
        ailing = [part for part, state in client.health().items() if not state.healthy(since)]
        if ailing:
            return f"{', '.join(ailing)} not healthy"
        unparsed = _dag_files(project) - _parsed_files(client, since)
    except AirflowUnavailable as error:
        return str(error)
    return f"not parsed: {', '.join(sorted(unparsed))}" if unparsed else ""


def _missing_web(addresses: StackAddresses) -> str:
    try:
        answer = httpx.get(f"{addresses.web_url}/health", timeout=_WEB_SECONDS, trust_env=False)
    except httpx.TransportError as error:
        return f"the web app does not answer ({type(error).__name__})"
    return "" if answer.is_success else f"the web app answers {answer.status_code}"


def _dag_files(project: Project) -> set[str]:
    """The names of the files directly in the DAGs folder that Airflow parses."""
    return {
        path.name
        for path in project.dags.glob("*.py")
        if all(word.search(path.read_bytes()) for word in _DAG_WORDS)
    }


def _parsed_files(client: AirflowClient, since: datetime | None) -> set[str]:
    parsed = {
        dag.fileloc
        for dag in client.dags()
        if since is None or (dag.last_parsed_time is not None and dag.last_parsed_time >= since)
    }
    failed = {error.filename for error in client.import_errors() if since is None or error.timestamp >= since}
    return {file.rsplit("/", 1)[-1] for file in parsed | failed}
