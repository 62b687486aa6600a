"""The real embedded stack, its bucket behind a proxy, and the ways in which the harness reaches it."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import httpx
import psycopg2
from botocore.config import Config
from mypy_boto3_s3 import S3Client

from bench.set_up import far_from_now
from nightreel.local import postgres, stray_processes
from nightreel.local.addresses import StackAddresses
from nightreel.local.credentials import Credentials, credentials
from nightreel.local.home import Home
from nightreel.local.interruption import every_ending_is_an_interrupt
from nightreel.local.stack import Stack
from nightreel.local.supervise import Supervisor
from nightreel.settings import load_settings
from tests.faults.clock import Clock
from tests.faults.disk import small_disk
from tests.faults.proxy import BucketProxy

RELEASE_GRACE_SECONDS = 10

SETTINGS = {
    "NIGHTREEL_PRESET": "ultrafast",
    "NIGHTREEL_MEASURE_QUALITY": "false",
    "NIGHTREEL_BACKLOG_SCHEDULE": far_from_now(),
    "NIGHTREEL_HOUSEKEEPING_SCHEDULE": far_from_now(),
    "NIGHTREEL_BACKLOG_POLL_SECONDS": "1",
    # Short as they are, titles get a first release: two runs can be broken, and a release that is replaced.
    "NIGHTREEL_FIRST_RELEASE_SECONDS": "0",
    "NIGHTREEL_RETRY_DELAY_SECONDS": "1",
    "NIGHTREEL_MAX_RETRY_DELAY_SECONDS": "5",
    "NIGHTREEL_LEASE_SECONDS": "60",
    "NIGHTREEL_STALL_SECONDS": "15",
    "NIGHTREEL_FETCH_TIMEOUT_SECONDS": "10",
    "NIGHTREEL_CATALOG_LOCK_SECONDS": "5",
    "NIGHTREEL_RELEASE_GRACE_SECONDS": f"{RELEASE_GRACE_SECONDS}",
}
"""Everything heals within minutes that takes hours by default, and the harness begins nights itself."""

_ANSWER_SECONDS = 30.0
_WORK_AREA_BYTES = 200 * 1024**2
_DATABASE_BYTES = 2 * 1024**3
"""Of which its log may take one by default."""
_LONGEST_LIST = 100


class _ProxiedStack(Stack):
    """A stack whose own programs reach the bucket through a proxy; viewers do not."""

    def __init__(self, home: Home, proxy: BucketProxy) -> None:
        super().__init__(home, options=load_settings())
        self._proxy = proxy

    def _addresses(self, chosen: dict[str, int], keys: Credentials) -> StackAddresses:
        self._proxy.upstream = chosen["s3"]
        return super()._addresses(chosen, keys).model_copy(update={"s3_endpoint": self._proxy.url})


@dataclass(frozen=True)
class Ground:
    """A stack that runs, from outside."""

    stack: Stack
    addresses: StackAddresses
    proxy: BucketProxy
    s3: S3Client
    """Past the proxy."""
    work: Path
    """The work area: a small file system of its own where one may be mounted, as PostgreSQL's data."""
    clock: Clock | None = None
    """Of its programs, if it was asked for and can be had."""
    _token: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Home:
        return self.stack.home

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(self.home)

    def rows(self, statement: str, *values: object, dsn: str = "") -> list[tuple[Any, ...]]:
        """Of the catalog's database, or another. Each statement is a transaction."""
        with (
            closing(psycopg2.connect(dsn or self.addresses.catalog_dsn)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def airflow(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Airflow's REST API as the administrator. Raises httpx.HTTPError."""
        base = self.addresses.airflow_url
        with httpx.Client(base_url=base, trust_env=False, timeout=_ANSWER_SECONDS) as client:
            bearer = {"Authorization": f"Bearer {self._bearer(client)}"}
            answer = client.request(method, f"/api/v2{path}", json=body, headers=bearer)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                self._token.clear()
            return answer.raise_for_status().json() if answer.content else None

    def _bearer(self, client: httpx.Client) -> str:
        if "bearer" not in self._token:
            login = {"username": self.addresses.username, "password": self.addresses.password}
            answer = client.post("/auth/token", json=login).raise_for_status()
            self._token["bearer"] = str(answer.json()["access_token"])
        return self._token["bearer"]

    def runs(self, dag: str, since: datetime | None = None) -> list[dict[str, Any]]:
        """The latest first; those from `since` on."""
        asked = {"limit": str(_LONGEST_LIST), "order_by": "-run_after"}
        if since is not None:
            asked["run_after_gte"] = since.isoformat()
        found: list[dict[str, Any]] = self.airflow("GET", f"/dags/{dag}/dagRuns?{urlencode(asked)}")[
            "dag_runs"
        ]
        return found

    def trigger(self, dag: str, conf: Mapping[str, object] | None = None) -> str:
        body = {"logical_date": None, "conf": dict(conf or {})}
        return str(self.airflow("POST", f"/dags/{dag}/dagRuns", body)["dag_run_id"])

    def secrets(self) -> dict[str, str]:
        """What nobody may find anywhere, by what it is."""
        keys = credentials(self.home).model_dump()
        return {name: str(value) for name, value in keys.items() if "access_key" not in name}


@contextmanager
def ground(clock: bool = False) -> Iterator[Ground]:
    """A fresh stack in a home of its own, with a clock of its own if that is asked; nothing of it is left."""
    # Not below anybody's own folders: run by root, PostgreSQL belongs to a user who may not enter them.
    above = Path(tempfile.mkdtemp(prefix="nightreel-faults-"))
    home = Home(above / "home")
    with ExitStack() as held:
        held.enter_context(every_ending_is_an_interrupt())
        held.callback(shutil.rmtree, above, ignore_errors=True)
        held.callback(shutil.rmtree, home.sockets, ignore_errors=True)
        work = above / "work"
        work.mkdir()
        held.enter_context(small_disk(work, _WORK_AREA_BYTES))
        held.enter_context(_database_on_its_own_disk(home))
        own = {"NIGHTREEL_HOME": str(home.root), "NIGHTREEL_WORK_AREA": str(work)}
        own_clock = Clock.built(above) if clock else None
        preloaded = own_clock.variables if own_clock else {}
        held.enter_context(_environment({**SETTINGS, **own, **preloaded}))
        proxy = held.enter_context(BucketProxy().running())
        stack = _ProxiedStack(home, proxy)
        held.callback(stray_processes.end, home)
        held.callback(stack.down)
        addresses = stack.up()
        yield Ground(stack, addresses, proxy, _client(proxy, credentials(home)), work, own_clock)


@contextmanager
def _database_on_its_own_disk(home: Home) -> Iterator[None]:
    """Makes the database's data, and moves it to where a disk of its own is mounted, if one may be."""
    postgres.initialise(home)
    made = home.root / "postgres.made"
    home.postgres.rename(made)
    home.postgres.mkdir()
    with small_disk(home.postgres, _DATABASE_BYTES):
        for path in made.iterdir():
            shutil.move(path, home.postgres)
        shutil.copystat(made, home.postgres)
        owner = made.stat()
        for path in (home.postgres, *home.postgres.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
        made.rmdir()
        yield


def _client(proxy: BucketProxy, keys: Credentials) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{proxy.upstream}",
        aws_access_key_id=keys.s3_access_key,
        aws_secret_access_key=keys.s3_secret_key,
        region_name="auto",
        config=Config(
            request_checksum_calculation="when_required", response_checksum_validation="when_required"
        ),
    )


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """The variables for the length of a block, and none of the caller's own of Nightreel."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(("NIGHTREEL_", "R2_")):
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
