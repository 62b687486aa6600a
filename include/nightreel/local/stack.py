"""The embedded stack as a whole: start, stop, status."""

import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import version

from nightreel.local import content, object_store, ports, postgres, programs, stray_processes
from nightreel.local.addresses import StackAddresses, StackRecord
from nightreel.local.credentials import ADMIN, VIEWER, Credentials, credentials
from nightreel.local.environment import BUCKET, Project, settings_environment, stack_environment
from nightreel.local.failures import StackFailed, with_log
from nightreel.local.health import wait_until_healthy
from nightreel.local.home import Home, write_private
from nightreel.local.interruption import every_ending_is_an_interrupt, undisturbed
from nightreel.local.object_store import ObjectStorePorts
from nightreel.local.supervise import ProgramState, State, Supervisor
from nightreel.orchestration.pools import pool_slots
from nightreel.places import PROJECT_ROOT
from nightreel.runs.airflow_api import AirflowClient, Login
from nightreel.settings import Settings, load_settings

Report = Callable[[str], None]
"""Is told what begins, in a few words."""

_PREFERRED_PORTS = {"airflow": 8080, "web": 8090, "s3": 8333, "worker_logs": 8793, "trigger_logs": 8794}

_POSTGRES_SECONDS = 60.0
_OBJECT_STORE_SECONDS = 60.0
_AIRFLOW_STOP_SECONDS = 15.0
_SUPERVISOR_STOP_SECONDS = 40.0

_COMING_UP: frozenset[State] = frozenset({"RUNNING", "STARTING", "BACKOFF"})


def silent(step: str) -> None:
    """A `Report` for callers who wait without watching."""


@dataclass(frozen=True)
class StackStatus:
    """Which programs run. `addresses` are those of the last start, running or not."""

    running: bool
    programs: tuple[ProgramState, ...]
    addresses: StackAddresses | None


class Stack:
    """The stack in one home. Several processes may use it at once."""

    def __init__(
        self, home: Home | None = None, project: Project | None = None, options: Settings | None = None
    ) -> None:
        self.home = home or Home.from_environment()
        self._project = project or Project()
        self._options = options or load_settings()
        self._supervisor = Supervisor(self.home)

    def up(self, report: Report = silent) -> StackAddresses:
        """Starts what is not running yet, and returns once Airflow is healthy and knows the DAGs.

        An interrupt meanwhile stops everything again. Raises StackFailed, naming the part.
        """
        with every_ending_is_an_interrupt(), self._alone(report):
            running = self._running_addresses()
            if running is not None:
                report("The stack is running already")
                wait_until_healthy(running, self._project, self._supervisor)
                return running
            self._stop(silent)
            try:
                return self._start(report)
            except BaseException:
                with undisturbed():
                    self._stop(report)
                raise

    def down(self, report: Report = silent) -> bool:
        """Stops every part of the stack that is alive; returns whether any was."""
        if not self.home.root.exists():
            return False
        with self._alone(report), undisturbed():
            return self._stop(report)

    @contextmanager
    def running(self, report: Report = silent) -> Iterator[StackAddresses]:
        """The stack for the length of a block. Ctrl-C, kill or hang-up also stop it."""
        with every_ending_is_an_interrupt():
            addresses = self.up(report)
            try:
                yield addresses
            finally:
                self.down(report)

    def follow(self, interval: float = 2.0) -> None:
        """Returns when something else has stopped the stack; checks every `interval` seconds.

        Raises StackFailed when a part of it cannot be kept running.
        """
        while self._supervisor.answers():
            self._supervisor.raise_if_given_up()
            time.sleep(interval)

    def status(self) -> StackStatus:
        """Which programs run, and where."""
        states = self._supervisor.states()
        return StackStatus(
            running=bool(states) and all(program.state == "RUNNING" for program in states.values()),
            programs=tuple(states.values()),
            addresses=StackRecord.read(self.home).addresses,
        )

    def client(self) -> AirflowClient:
        """A client of this stack's Airflow. Raises StackFailed if the stack was never started."""
        addresses = self._known_addresses()
        return AirflowClient(addresses.airflow_url, Login(addresses.username, addresses.password))

    def settings_environment(self) -> dict[str, str]:
        """The environment in which Nightreel uses this stack. Raises StackFailed like `client`."""
        addresses = self._known_addresses()
        return settings_environment(self.home, addresses, credentials(self.home), self._options)

    def _known_addresses(self) -> StackAddresses:
        addresses = StackRecord.read(self.home).addresses
        if addresses is None:
            raise StackFailed(f"no stack was started in {self.home.root}: run make up")
        return addresses

    def _running_addresses(self) -> StackAddresses | None:
        states = self._supervisor.states()
        whole = {postgres.PROGRAM, programs.OBJECT_STORE, *programs.AIRFLOW, programs.WEB} <= states.keys()
        if whole and all(program.state in _COMING_UP for program in states.values()):
            return StackRecord.read(self.home).addresses
        return None

    @contextmanager
    def _alone(self, report: Report) -> Iterator[None]:
        self.home.root.mkdir(parents=True, exist_ok=True)
        self.home.check_owner()
        with self.home.lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                report("Waiting for another start or stop of this stack to finish")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _start(self, report: Report) -> StackAddresses:
        # Held until all parts listen: another stack that starts meanwhile must not choose the same ports.
        with ports.reserved(self._wanted_ports()) as chosen:
            return self._start_on(chosen, report)

    def _start_on(self, chosen: dict[str, int], report: Report) -> StackAddresses:
        began = datetime.now(UTC)
        report("Starting PostgreSQL and the object store")
        binaries = postgres.initialise(self.home)
        postgres.forget_stale_lock(self.home)
        self.home.create(postgres.socket_owner())
        keys = credentials(self.home)
        addresses = self._addresses(chosen, keys)
        StackRecord(ports=chosen, addresses=addresses).write(self.home)
        store_ports = _object_store_ports(chosen)
        object_store.write_identities(self.home.identities, keys.s3_access_key, keys.s3_secret_key, BUCKET)
        passwords = {ADMIN: keys.admin_password, VIEWER: keys.viewer_password}
        write_private(self.home.passwords, json.dumps(passwords))
        environment = stack_environment(self.home, addresses, chosen, keys, self._project, self._options)
        self._supervisor.launch(
            [
                *programs.foundations(self.home, binaries, store_ports),
                *programs.airflow(),
                programs.web(chosen["web"]),
            ],
            PROJECT_ROOT,
            environment,
        )
        postgres.wait_until_ready(self.home, _POSTGRES_SECONDS)
        for database in (postgres.AIRFLOW_DATABASE, postgres.CATALOG_DATABASE):
            postgres.ensure_database(self.home, database)
        self._prepare_airflow(environment, report)
        report("Starting Airflow")
        self._supervisor.start(programs.AIRFLOW)
        # Airflow takes much longer until its first task than these two steps.
        object_store.wait_until_ready(addresses.s3_endpoint, _OBJECT_STORE_SECONDS)
        content.create_bucket(addresses, keys)
        content.create_catalog(addresses, self._options)
        addresses = content.with_web_key(addresses, self._options)
        StackRecord(ports=chosen, addresses=addresses).write(self.home)
        self._supervisor.start([programs.WEB])
        wait_until_healthy(addresses, self._project, self._supervisor, began)
        return addresses

    def _wanted_ports(self) -> dict[str, list[int]]:
        remembered = StackRecord.read(self.home).ports
        names = [*_PREFERRED_PORTS, *(field.name for field in fields(ObjectStorePorts) if field.name != "s3")]
        return {
            name: [port for port in (remembered.get(name), _PREFERRED_PORTS.get(name)) if port]
            for name in names
        }

    def _addresses(self, chosen: dict[str, int], keys: Credentials) -> StackAddresses:
        endpoint = f"http://127.0.0.1:{chosen['s3']}"
        remembered = StackRecord.read(self.home).addresses
        return StackAddresses(
            airflow_url=f"http://127.0.0.1:{chosen['airflow']}",
            username=ADMIN,
            password=keys.admin_password,
            airflow_dsn=postgres.dsn(self.home, postgres.AIRFLOW_DATABASE),
            catalog_dsn=postgres.dsn(self.home, postgres.CATALOG_DATABASE),
            s3_endpoint=endpoint,
            bucket=BUCKET,
            public_url=f"{endpoint}/{BUCKET}",
            web_url=f"http://127.0.0.1:{chosen['web']}",
            web_key=remembered.web_key if remembered else "",
        )

    def _prepare_airflow(self, environment: dict[str, str], report: Report) -> None:
        pools = [f"{name}={slots}" for name, slots in pool_slots(self._options).items()]
        mark = " ".join(["airflow", version("apache-airflow-core"), *pools])
        if postgres.mark_of(self.home, postgres.AIRFLOW_DATABASE) == mark:
            return
        report("Preparing Airflow's database")
        log = self.home.log("airflow-setup")
        with log.open("wb") as stream:
            outcome = subprocess.run(
                [sys.executable, "-m", "nightreel.local.airflow.database", *pools],
                env=environment,
                cwd=PROJECT_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if outcome.returncode != 0:
            raise StackFailed(with_log("Airflow's database could not be prepared", log))
        postgres.leave_mark(self.home, postgres.AIRFLOW_DATABASE, mark)

    def _stop(self, report: Report) -> bool:
        alive = self._supervisor.answers()
        if alive:
            report("Stopping Airflow")
            served = (*programs.AIRFLOW, programs.WEB)
            self._supervisor.stop(served)
            _wait(lambda: self._supervisor.at_rest(served), _AIRFLOW_STOP_SECONDS)
            report("Stopping PostgreSQL and the object store")
            self._supervisor.shut_down()
            _wait(lambda: not self._supervisor.answers(), _SUPERVISOR_STOP_SECONDS)
        strays = stray_processes.end(self.home)
        recorded = StackRecord.read(self.home).ports
        if recorded:
            object_store.remove_sockets(_object_store_ports(recorded))
        return alive or strays > 0


def _object_store_ports(chosen: dict[str, int]) -> ObjectStorePorts:
    return ObjectStorePorts(**{field.name: chosen[field.name] for field in fields(ObjectStorePorts)})


def _wait(condition: Callable[[], bool], timeout: float) -> None:
    """Waits until the condition holds, or for `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
