"""Airflow's public REST API, as far as Nightreel's command line and web app need it."""

from nightreel.runs.airflow_api.client import AirflowClient
from nightreel.runs.airflow_api.errors import AirflowRefused, AirflowUnavailable
from nightreel.runs.airflow_api.login import Login
from nightreel.runs.airflow_api.records import (
    Component,
    Dag,
    DagRun,
    ImportFailure,
    RunState,
    TaskInstance,
    TaskState,
)

__all__ = [
    "AirflowClient",
    "AirflowRefused",
    "AirflowUnavailable",
    "Component",
    "Dag",
    "DagRun",
    "ImportFailure",
    "Login",
    "RunState",
    "TaskInstance",
    "TaskState",
]
