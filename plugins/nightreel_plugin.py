"""Registers with Airflow what Nightreel adds to its API server and its UI."""

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from nightreel.orchestration.links import WEB_PREFIX, ValidationReportLink, WatchLink
from nightreel.orchestration.views import external_views


class NightreelPlugin(AirflowPlugin):
    """The app, the links and the views that Nightreel adds to Airflow."""

    name = "nightreel"
    operator_extra_links = [ValidationReportLink(), WatchLink()]  # noqa: RUF012
    external_views = external_views()

    # Every task loads the plugins, but only the API server asks for the app.
    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The app, below /nightreel."""
        from nightreel.orchestration.cleared_runs import let_runs_be_cleared
        from nightreel.orchestration.web_access import AirflowAccess
        from nightreel.orchestration.web_services import connected_services
        from nightreel.settings import settings
        from nightreel.web.app import create_app

        let_runs_be_cleared()
        app = create_app(connected_services(settings()), AirflowAccess())
        return [{"app": app, "url_prefix": WEB_PREFIX, "name": "Nightreel"}]
