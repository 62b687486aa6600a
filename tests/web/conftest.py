"""The web app on a real catalog and a real bucket, and clients that it knows or does not know."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from cryptography.fernet import Fernet
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg2 import sql

from nightreel.catalog import Catalog, create_demo_tables, load_mapping
from nightreel.runs.airflow_api import AirflowClient
from nightreel.settings import Settings, load_settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from nightreel.vocabulary.scopes import Scope
from nightreel.web.access import Caller, StandaloneAccess
from nightreel.web.app import create_app
from nightreel.web.packages import install_packages
from nightreel.web.services import Services
from tests.catalog.conftest import Database
from tests.conftest import run_sql
from tests.object_store_server import ObjectStoreAddress
from tests.web.airflow_server import AirflowServer, airflow_server

__all__ = ["airflow_server"]

ClientWith = Callable[..., TestClient]


@pytest.fixture(scope="module")
def database(postgres_dsn: str) -> Iterator[Database]:
    """The user's own hands on this module's database: the demo's tables, empty, and ours."""
    name = f"test_{uuid.uuid4().hex}"
    run_sql(postgres_dsn, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    dsn = urlsplit(postgres_dsn)._replace(path=f"/{name}").geturl()
    with closing(psycopg2.connect(dsn)) as connection:
        create_demo_tables(connection)
    yield Database(dsn)
    run_sql(postgres_dsn, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def setting_overrides() -> dict[str, Any]:
    """Settings that differ in this module; to be overridden by it."""
    return {}


@pytest.fixture(scope="module")
def web_settings(
    object_store: ObjectStoreAddress,
    database: Database,
    setting_overrides: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """A bucket of this module's own, secrets, and folders below a temporary one."""
    folder, bucket = tmp_path_factory.mktemp("web"), f"media-{token_hex(6)}"
    return load_settings(
        **{
            "catalog_dsn": database.dsn,
            "r2_endpoint_url": object_store.endpoint_url,
            "r2_access_key_id": object_store.access_key,
            "r2_secret_access_key": object_store.secret_key,
            "r2_bucket_name": bucket,
            "r2_public_url": f"{object_store.endpoint_url}/{bucket}",
            "token_secret": token_hex(32),
            "key_secret": Fernet.generate_key().decode(),
            "work_area": str(folder / "work"),
            "reports": folder / "reports",
            "stream_area": folder / "streams",
            **setting_overrides,
        }
    )


@pytest.fixture(scope="module")
def services(web_settings: Settings, request: pytest.FixtureRequest) -> Services:
    """Of this module's own. Airflow is the session's, and starts when a route first calls it."""
    catalog = Catalog.from_dsn(
        web_settings.catalog_dsn.get_secret_value(),
        load_mapping(web_settings.catalog_mapping),
        web_settings.key_secret,
    )
    catalog.schema.migrate()
    bucket = Bucket(
        client_from_settings(web_settings), web_settings.r2_bucket_name, web_settings.r2_public_url
    )
    bucket.ensure_exists()

    @cache
    def address_and_token() -> tuple[str, str]:
        server: AirflowServer = request.getfixturevalue("airflow_server")
        return server.url, server.token()

    def airflow(caller: Caller) -> AirflowClient:
        return AirflowClient.with_token(*address_and_token())

    return Services(web_settings, lambda: catalog, lambda: bucket, airflow)


@pytest.fixture(scope="module")
def app(services: Services) -> FastAPI:
    """As it stands alone: callers have API keys or sessions."""
    install_packages()
    return create_app(
        services,
        StandaloneAccess(services.catalog, wrong_keys_per_minute=services.settings.wrong_keys_per_minute),
    )


@pytest.fixture(scope="module")
def client_with(app: FastAPI, services: Services) -> ClientWith:
    """A client with a real API key of these scopes: `client_with("read", "convert")`."""

    def make(*scopes: Scope) -> TestClient:
        _, key = services.catalog.api_keys.make(f"a test with {' and '.join(scopes) or 'nothing'}", scopes)
        return TestClient(app, headers={"ApiKey": key}, follow_redirects=False)

    return make


@pytest.fixture(scope="module")
def stranger(app: FastAPI) -> TestClient:
    """A client without a key."""
    return TestClient(app, follow_redirects=False)
