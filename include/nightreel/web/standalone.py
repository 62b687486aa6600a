"""The standalone app, from the settings: `uvicorn --factory nightreel.web.standalone:app`."""

from fastapi import FastAPI

from nightreel.deployment import Deployment
from nightreel.runs.airflow_api import AirflowClient
from nightreel.settings import Settings, load_settings
from nightreel.web.access import Caller, StandaloneAccess
from nightreel.web.app import create_app
from nightreel.web.services import Services
from nightreel.web.signing import signing_secret


def app() -> FastAPI:
    """The app for callers with API keys. It calls Airflow in its own name.

    Raises ConfigurationError naming the settings that are missing or wrong.
    """
    options = load_settings()
    signing_secret(options.token_secret)
    services = services_from(options)
    return create_app(
        services, StandaloneAccess(services.catalog, wrong_keys_per_minute=options.wrong_keys_per_minute)
    )


def services_from(options: Settings) -> Services:
    """The services of these settings. Raises ConfigurationError naming what is missing or wrong."""
    deployment = Deployment(options)
    # One login for all requests, because a login takes longer than most of them.
    login = deployment.airflow_login()

    def airflow(caller: Caller) -> AirflowClient:
        return AirflowClient(options.airflow_url, login)

    pages = options.airflow_pages_url or options.airflow_url
    catalog, bucket = deployment.catalog().keeping_connections(), deployment.bucket()
    return Services(options, lambda: catalog, lambda: bucket, airflow, pages)
