"""A real API server of Airflow, and Nightreel's catalog and bucket behind it.

There is no scheduler: a run that is triggered stays queued. `AirflowServer.query` reaches into
Airflow's own database, to bring a run as far as a test needs it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.fernet import Fernet

from nightreel.places import PROJECT_ROOT
from nightreel.runs.airflow_api import AirflowClient, Login
from tests.object_store_server import ObjectStoreAddress
from tests.orchestration.installation import (
    Installation,
    catalog_database,
    current_installation,
    environment,
    installation_variables,
    query,
)

USERS = {"admin": "admin", "user": "user", "viewer": "viewer"}
"""By name, their roles: a viewer reads, a user also starts runs."""

_START_SECONDS = 120.0


@dataclass(frozen=True)
class AirflowServer:
    """`url` has no trailing slash; `passwords` are by user."""

    url: str
    passwords: dict[str, str]
    installation: Installation
    metadata_dsn: str
    log: Path
    """All that it has written to its output."""

    def client(self, user: str = "admin") -> AirflowClient:
        """To be used in a `with`."""
        return AirflowClient(self.url, Login(user, self.passwords[user]))

    def token(self, user: str = "admin") -> str:
        """A bearer token of this user."""
        credentials = {"username": user, "password": self.passwords[user]}
        answer = httpx.post(f"{self.url}/auth/token", json=credentials, trust_env=False)
        return str(answer.raise_for_status().json()["access_token"])

    def query(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Runs SQL against Airflow's own database."""
        return query(self.metadata_dsn, statement, *values)


@pytest.fixture(scope="package")
def airflow_server(postgres_dsn: str, object_store: ObjectStoreAddress) -> Iterator[AirflowServer]:
    """The server that tests share; each uses titles and runs of its own."""
    folder = Path(tempfile.mkdtemp(prefix="nightreel-airflow-server-"))
    passwords = {user: token_urlsafe(12) for user in USERS}
    (folder / "passwords.json").write_text(json.dumps(passwords))
    with catalog_database(postgres_dsn) as catalog, catalog_database(postgres_dsn) as metadata:
        variables = installation_variables(catalog, object_store, folder) | {
            "NIGHTREEL_CATALOG_DSN": catalog,
            "NIGHTREEL_KEY_SECRET": Fernet.generate_key().decode(),
            "NIGHTREEL_TOKEN_SECRET": token_urlsafe(48),
        }
        with environment(variables):
            shared = current_installation(catalog)
        with _running(folder, {**variables, **_airflow(folder, metadata)}) as url:
            yield AirflowServer(url, passwords, shared, metadata, folder / "server.log")
    shutil.rmtree(folder, ignore_errors=True)


def _airflow(folder: Path, metadata: str) -> dict[str, str]:
    sql_alchemy_conn = urlsplit(metadata)._replace(scheme="postgresql+psycopg2").geturl()
    options: dict[str, dict[str, object]] = {
        "core": {
            "dags_folder": PROJECT_ROOT / "dags",
            "plugins_folder": PROJECT_ROOT / "plugins",
            "load_examples": False,
            "dags_are_paused_at_creation": False,
            "fernet_key": Fernet.generate_key().decode(),
            "simple_auth_manager_users": ",".join(f"{user}:{role}" for user, role in USERS.items()),
            "simple_auth_manager_passwords_file": folder / "passwords.json",
        },
        "database": {"sql_alchemy_conn": sql_alchemy_conn},
        "api": {"secret_key": token_urlsafe(32)},
        "api_auth": {"jwt_secret": token_urlsafe(64)},
        "usage_data_collection": {"enabled": False},
    }
    variables = {
        f"AIRFLOW__{section.upper()}__{name.upper()}": str(value)
        for section, entries in options.items()
        for name, value in entries.items()
    }
    return {"AIRFLOW_HOME": str(folder / "airflow"), **variables}


@contextmanager
def _running(folder: Path, variables: dict[str, str]) -> Iterator[str]:
    ours = ("AIRFLOW_", "_AIRFLOW_", "NIGHTREEL_", "R2_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    paths = {"PYTHONPATH": os.pathsep.join([str(PROJECT_ROOT / "include"), str(PROJECT_ROOT)])}
    announcement, log = folder / "url", folder / "server.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "tests.web.airflow_process", str(announcement)],
            env={**kept, **paths, **variables},
            # Not the repository: its .env is a person's own.
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait(process, announcement, log)
            yield announcement.read_text()
        finally:
            process.kill()


def _wait(process: subprocess.Popen[bytes], announcement: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not announcement.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"Airflow's API server did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.05)
