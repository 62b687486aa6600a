"""Registers with Airflow what Nightreel adds to its API server and its UI."""

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from nightreel.orchestration.links import CONVERT_DAG, WEB_PREFIX, ValidationReportLink


class NightreelPlugin(AirflowPlugin):
    name = "nightreel"
    operator_extra_links = [ValidationReportLink()]  # noqa: RUF012

    # Every task loads the plugins, and only the API server asks for the app.
    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
        from airflow.api_fastapi.core_api.security import requires_access_dag

        from nightreel.settings import settings
        from nightreel.web.app import create_app

        # Airflow leaves a plugin's routes open to everyone.
        guard = requires_access_dag("GET", DagAccessEntity.TASK_INSTANCE, CONVERT_DAG)
        app = create_app(settings().reports, guard)
        return [{"app": app, "url_prefix": WEB_PREFIX, "name": "Nightreel"}]
