"""The buttons that Nightreel adds to a task's page in Airflow's UI."""

from typing import Any
from urllib.parse import urlsplit

from airflow.providers.standard.decorators.python import _PythonDecoratedOperator
from airflow.sdk import BaseOperatorLink

from nightreel.orchestration.conversion.validate import REPORT_KEY

WEB_PREFIX = "/nightreel"
"""Where Nightreel's web app is mounted in Airflow's API server."""

CONVERT_DAG = "convert_title"
_VALIDATE_TASK = "validate"


class ValidationReportLink(BaseOperatorLink):
    """From the validate task to the report of its release, also of one that was refused."""

    name = "Validation report"
    # Airflow matches the class by its name; a task that is a decorated function has no other.
    operators = [_PythonDecoratedOperator]  # noqa: RUF012

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The report's path, or nothing, which shows no button. Called in the API server."""
        if (ti_key.dag_id, ti_key.task_id) != (CONVERT_DAG, _VALIDATE_TASK):
            return ""
        from airflow.configuration import conf
        from airflow.serialization.definitions.operatorlink import XComOperatorLink

        report = XComOperatorLink(self.name, REPORT_KEY).get_link(operator, ti_key=ti_key)
        # No host: the UI may be read through another than the configured one.
        above = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
        return f"{above}{WEB_PREFIX}/reports/{report}/index.html" if report else ""
