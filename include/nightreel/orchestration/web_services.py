"""What the web app works with when it is mounted in Airflow."""

from functools import cached_property
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.sdk.exceptions import AirflowNotFoundException

from nightreel.airflow_api import AirflowClient
from nightreel.catalog import Catalog
from nightreel.errors import ConfigurationError
from nightreel.orchestration.connections import open_bucket, open_catalog
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from nightreel.web.access import Caller
from nightreel.web.services import Services

_EXECUTION_API = "/execution"


class ConnectedServices(Services):
    """The catalog and the bucket behind Airflow's connections, opened when a request needs them.

    An API server whose connections are missing starts all the same.
    """

    def __init__(self, settings: Settings) -> None:
        object.__setattr__(self, "settings", settings)
        object.__setattr__(self, "airflow", _airflow_of)
        object.__setattr__(self, "airflow_pages", _path_of_the_pages())

    @cached_property
    def catalog(self) -> Catalog:
        """Raises ConfigurationError when there is no such connection."""
        try:
            return open_catalog(self.settings).keeping_connections()
        except AirflowNotFoundException as error:
            raise ConfigurationError(str(error)) from error

    @cached_property
    def bucket(self) -> Bucket:
        """Raises ConfigurationError when there is no such connection."""
        try:
            return open_bucket(self.settings)
        except AirflowNotFoundException as error:
            raise ConfigurationError(str(error)) from error


def _airflow_of(caller: Caller) -> AirflowClient:
    return AirflowClient.with_token(_address(), caller.airflow_token or "")


def _address() -> str:
    """Where Airflow's API answers inside the deployment: where its own workers call it."""
    called = conf.get("core", "execution_api_server_url", fallback="")
    if called:
        return str(called).rstrip("/").removesuffix(_EXECUTION_API)
    return f"http://127.0.0.1:{conf.getint('api', 'port')}{_path_of_the_pages()}"


def _path_of_the_pages() -> str:
    # No host: the pages may be read through another than the configured one.
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
