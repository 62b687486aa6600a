"""The web app's services when it is mounted in Airflow."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.sdk.exceptions import AirflowNotFoundException

from nightreel.catalog import Catalog
from nightreel.errors import ConfigurationError
from nightreel.orchestration.connections import open_bucket, open_catalog
from nightreel.runs.airflow_api import AirflowClient
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from nightreel.web.access import Caller
from nightreel.web.services import Services

_EXECUTION_API = "/execution"


def connected_services(settings: Settings) -> Services:
    """The catalog and the bucket of Airflow's connections, and the Airflow that they are in.

    Using catalog or bucket raises ConfigurationError if there is no such connection.
    """
    return Services(
        settings, partial(_catalog, settings), partial(_bucket, settings), _airflow_of, _path_of_the_pages()
    )


def _catalog(settings: Settings) -> Catalog:
    with _connection_required():
        return open_catalog(settings).keeping_connections()


def _bucket(settings: Settings) -> Bucket:
    with _connection_required():
        return open_bucket(settings)


@contextmanager
def _connection_required() -> Iterator[None]:
    try:
        yield
    except AirflowNotFoundException as error:
        raise ConfigurationError(str(error)) from error


def _airflow_of(caller: Caller) -> AirflowClient:
    return AirflowClient.with_token(_address(), caller.airflow_token or "")


def _address() -> str:
    """Where Airflow's API answers inside the deployment: the address that its own workers call."""
    called = conf.get("core", "execution_api_server_url", fallback="")
    if called:
        return str(called).rstrip("/").removesuffix(_EXECUTION_API)
    return f"http://127.0.0.1:{conf.getint('api', 'port')}{_path_of_the_pages()}"


def _path_of_the_pages() -> str:
    # Without a host, because the pages may be reached under another host than the configured one.
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
