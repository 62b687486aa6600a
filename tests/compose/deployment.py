"""docker-compose.yaml as README has it brought up, on an engine of the test's own."""

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from nightreel.settings import PROJECT_ROOT
from tests.compose.engine import Engine, EngineFailed
from tests.deploy import compose

BUCKET = "media"
_PROJECT = "nightreel-compose-test"
WORKERS = 2


@dataclass(frozen=True)
class Ports:
    """On this machine; the bucket's is the same within the containers."""

    airflow: int
    web: int
    bucket: int


@dataclass(frozen=True)
class Deployment:
    """One project of Compose, by the unmodified file."""

    engine: Engine
    env_file: Path
    variables: dict[str, str]
    ports: Ports

    def compose(self, *arguments: str | Path, seconds: float = 1800) -> str:
        """Runs `docker compose` on the project; returns its standard output. Raises EngineFailed."""
        options = [f"--env-file={self.env_file}", f"--project-name={_PROJECT}", "--profile=local-bucket"]
        return self.engine.docker("compose", *options, *arguments, seconds=seconds, cwd=PROJECT_ROOT)

    def up(self) -> None:
        try:
            self.compose("up", "--build", "--wait", f"--scale=airflow-worker={WORKERS}")
        except EngineFailed as failure:
            failure.add_note(self.compose("ps", "--all"))
            failure.add_note(self.compose("logs", "--no-color", "--tail=30")[-20_000:])
            raise

    def nightreel(self, *words: str, service: str = "airflow-worker") -> str:
        """Runs the command line in a container of the service."""
        return self.compose("exec", "-T", service, "nightreel", *words)

    def titles(self) -> list[dict[str, Any]]:
        """What `nightreel status` says of each."""
        titles: list[dict[str, Any]] = json.loads(self.nightreel("status", "--json", service="web"))
        return titles

    def airflow(self, path: str) -> dict[str, Any]:
        """An answer of Airflow's API to the administrator, from this machine."""
        address = f"http://127.0.0.1:{self.ports.airflow}"
        account = {"username": "admin", "password": self.variables["_AIRFLOW_WWW_USER_PASSWORD"]}
        login = httpx.post(f"{address}/auth/token", json=account, timeout=60)
        login.raise_for_status()
        bearer = {"Authorization": f"Bearer {login.json()['access_token']}"}
        answer = httpx.get(f"{address}{path}", headers=bearer, timeout=60)
        answer.raise_for_status()
        return dict(answer.json())

    def containers(self) -> list[dict[str, Any]]:
        """Each container as `docker compose ps` tells it."""
        listed = self.compose("ps", "--all", "--format=json").splitlines()
        return [json.loads(line) for line in listed]

    def left_over(self) -> list[str]:
        """What the engine still has of the project."""
        mine = f"--filter=label=com.docker.compose.project={_PROJECT}"
        return [
            line
            for what in (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
            for line in self.engine.docker(*what, mine, "--quiet").split()
        ]


def write_env_file(path: Path, ports: Ports) -> dict[str, str]:
    """`.env` as a person fills in `.env.example` for the stand-in of R2."""
    address = f"http://bucket.localhost:{ports.bucket}"
    secret = {variable.name: secrets.token_hex(32) for variable in compose.example() if not variable.default}
    variables = secret | {
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(64),
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "R2_ACCOUNT_ID": "",
        "R2_BUCKET_NAME": BUCKET,
        "R2_ENDPOINT_URL": address,
        "R2_PUBLIC_URL": f"{address}/{BUCKET}",
        "AIRFLOW_PORT": str(ports.airflow),
        "WEB_PORT": str(ports.web),
        "LOCAL_BUCKET_PORT": str(ports.bucket),
    }
    path.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    path.chmod(0o600)
    return variables
