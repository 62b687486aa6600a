"""The buttons that Nightreel adds to a task's page in Airflow's UI."""

from typing import Any
from urllib.parse import quote, urlsplit

from airflow.configuration import conf
from airflow.sdk import BaseOperatorLink
from airflow.serialization.definitions.operatorlink import XComOperatorLink

from nightreel.orchestration.operators import Task
from nightreel.runs.dags import CONVERT_DAG
from nightreel.runs.steps import Step

WEB_PREFIX = "/nightreel"
"""Where Nightreel's web app is mounted in Airflow's API server."""

REPORT_KEY = "report"
"""Under which the validate task hands on where its report is, below NIGHTREEL_REPORTS."""


def web_path(page: str) -> str:
    """A page of the web app (`/runs/…`), as a path from the root of Airflow's host.

    No host: the UI may be reached through another host than the configured one.
    """
    above = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
    return f"{above}{WEB_PREFIX}{page}"


class ValidationReportLink(BaseOperatorLink):
    """From the validate task to the report of its release, also of one that was refused."""

    name = "Validation report"
    operators = [Task]  # noqa: RUF012

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The report's path, or nothing, which shows no button. Called in the API server."""
        if (ti_key.dag_id, ti_key.task_id) != (CONVERT_DAG, Step.VALIDATE):
            return ""
        report = XComOperatorLink(self.name, REPORT_KEY).get_link(operator, ti_key=ti_key)
        return web_path(f"/reports/{report}/index.html") if report else ""


class WatchLink(BaseOperatorLink):
    """From the publish task to the player of what its run made."""

    name = "Watch"
    operators = [Task]  # noqa: RUF012

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The path of the run's page, or nothing, which shows no button."""
        if (ti_key.dag_id, ti_key.task_id) != (CONVERT_DAG, Step.PUBLISH):
            return ""
        return web_path(f"/runs/{quote(ti_key.run_id, safe='')}")
