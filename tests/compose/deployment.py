"""docker-compose.yaml as README has it brought up, on an engine of the test's own."""

import base64
import json
import random
import secrets
import socket
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

from nightreel.places import PROJECT_ROOT
from nightreel.settings import load_settings
from nightreel.storage.client import client_from_settings
from tests.compose.engine import Engine, EngineFailed
from tests.deploy import compose

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

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
    """One project of Compose, by the unmodified file; others are laid over it."""

    engine: Engine
    env_file: Path
    variables: dict[str, str]
    ports: Ports
    profiles: tuple[str, ...] = ("local-bucket",)
    replicas: int = 1
    """Of the web app."""
    laid_over: tuple[Path, ...] = ()

    def compose(self, *arguments: str | Path, seconds: float = 1800) -> str:
        """Runs `docker compose` on the project; returns its standard output. Raises EngineFailed."""
        options = [f"--env-file={self.env_file}", f"--project-name={_PROJECT}"]
        options += [f"--profile={profile}" for profile in self.profiles]
        options += [f"--file={file}" for file in (PROJECT_ROOT / "docker-compose.yaml", *self.laid_over)]
        return self.engine.docker("compose", *options, *arguments, seconds=seconds, cwd=PROJECT_ROOT)

    def with_variables(self, **variables: str) -> Self:
        """With more lines in the `.env`, which counts from the next `up`."""
        return replace(self, variables=_write(self.env_file, self.variables | variables))

    def up(self) -> None:
        scale = {"airflow-worker": WORKERS, "web": self.replicas}
        try:
            options = [f"--scale={service}={number}" for service, number in scale.items()]
            self.compose("up", "--build", "--wait", *options)
        except EngineFailed as failure:
            failure.add_note(self.compose("ps", "--all"))
            failure.add_note(self.compose("logs", "--no-color", "--tail=30")[-20_000:])
            raise

    def down(self) -> None:
        """With its volumes, and whatever profiles it was brought up with."""
        everything = replace(self, profiles=("*",))
        everything.compose("down", "--volumes", "--remove-orphans")

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

    @property
    def bucket_address(self) -> str:
        """Of the stand-in for R2, on this machine."""
        return f"http://127.0.0.1:{self.ports.bucket}"

    def s3(self) -> "S3Client":
        """A client of the stand-in for R2, with the key that may do all."""
        return client_from_settings(
            load_settings(
                _env_file=None,
                r2_endpoint_url=self.bucket_address,
                r2_access_key_id=self.variables["R2_ACCESS_KEY_ID"],
                r2_secret_access_key=self.variables["R2_SECRET_ACCESS_KEY"],
            )
        )

    def containers(self) -> list[dict[str, Any]]:
        """Each container as `docker compose ps` tells it."""
        listed = self.compose("ps", "--all", "--format=json").splitlines()
        return [json.loads(line) for line in listed]

    def health(self, container: str) -> dict[str, Any]:
        """What Docker keeps of its check: `Status`, `FailingStreak` and the `Log` of the last ones."""
        found = self.engine.docker("inspect", "--format={{json .State.Health}}", container)
        return dict(json.loads(found))

    def restarts(self, container: str) -> int:
        """How often Docker has started it again."""
        return int(self.engine.docker("inspect", "--format={{.RestartCount}}", container))

    def subnet(self) -> str:
        """Of the network of the project, as README has it shown."""
        shown = self.engine.docker(
            "network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", f"{_PROJECT}_default"
        )
        return shown.strip()

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
    return _write(path, variables)


def _write(path: Path, variables: dict[str, str]) -> dict[str, str]:
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    return variables


def free_ports(number: int) -> range:
    """So many, one after the other, that nobody listens at now; below those that the kernel hands out."""
    while True:
        first = random.randrange(20_000, 32_000)
        ports = range(first, first + number)
        with ExitStack() as held:
            try:
                for port in ports:
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
        return ports
