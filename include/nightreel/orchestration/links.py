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
"""The key under which a task that judged stores the path of its report, below NIGHTREEL_REPORTS."""


def web_path(page: str) -> str:
    """The path of a page of the web app (`/runs/…`) from the root of Airflow's host.

    Without a host, because the UI may be reached under another host than the configured one.
    """
    above = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
    return f"{above}{WEB_PREFIX}{page}"


class ValidationReportLink(BaseOperatorLink):
    """From a task that judged the release, or refused a track, to the report."""

    name = "Validation report"
    operators = [Task]  # noqa: RUF012

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The report's path; empty shows no button. Called in the API server."""
        if ti_key.dag_id != CONVERT_DAG or ti_key.task_id not in (Step.VALIDATE, Step.TRANSCODE):
            return ""
        report = XComOperatorLink(self.name, REPORT_KEY).get_link(operator, ti_key=ti_key)
        return web_path(f"/reports/{report}/index.html") if report else ""


class WatchLink(BaseOperatorLink):
    """From the publish task to the player of the run's release."""

    name = "Watch"
    operators = [Task]  # noqa: RUF012

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The path of the run's page; empty shows no button."""
        if (ti_key.dag_id, ti_key.task_id) != (CONVERT_DAG, Step.PUBLISH):
            return ""
        return web_path(f"/runs/{quote(ti_key.run_id, safe='')}")
