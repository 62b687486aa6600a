"""The database, of the catalog and of Airflow alike: cut off, away, crashed, full or read-only."""

import os
import signal
import time
from contextlib import closing
from random import Random

import psycopg2

from nightreel.local import postgres
from tests.faults.disk import full
from tests.faults.scene import Scene

_CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
_BACKENDS = (
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
_STOP_SECONDS = 60.0


def cut_connections(scene: Scene, random: Random) -> str | None:
    """All of them, a few times."""
    times = random.randint(1, 3)
    cut = 0
    for _ in range(times):
        ((count,),) = scene.ground.rows(_CUT)
        cut += count
        time.sleep(random.uniform(0.5, 3))
    return f"{cut} connections cut, {times} times"


def stop(scene: Scene, random: Random) -> str | None:
    """For a few seconds, or for a minute."""
    seconds = random.choice((random.uniform(3, 10), random.uniform(10, 20), 60.0))
    supervisor = scene.ground.supervisor
    supervisor.stop([postgres.PROGRAM])
    deadline = time.monotonic() + _STOP_SECONDS
    while not supervisor.at_rest([postgres.PROGRAM]) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(seconds)
    supervisor.start([postgres.PROGRAM])
    postgres.wait_until_ready(scene.ground.home, _STOP_SECONDS)
    return f"PostgreSQL away for {seconds:.0f} s"


def crash(scene: Scene, random: Random) -> str | None:
    """One of its processes is killed; the server then ends all others, and recovers from its log."""
    backends = scene.ground.rows(_BACKENDS)
    if not backends:
        return None
    (pid,) = random.choice(backends)
    os.kill(pid, signal.SIGKILL)
    time.sleep(1)
    postgres.wait_until_ready(scene.ground.home, _STOP_SECONDS)
    return f"PostgreSQL crashed, {len(backends)} connections with it"


def read_only(scene: Scene, random: Random) -> str | None:
    """As a replica that is asked before it has become the primary."""
    seconds = random.uniform(5, 15)
    _alter(scene, "ALTER SYSTEM SET default_transaction_read_only = on")
    try:
        time.sleep(seconds)
    finally:
        postgres.wait_until_ready(scene.ground.home, _STOP_SECONDS)
        _alter(scene, "ALTER SYSTEM RESET default_transaction_read_only")
    return f"PostgreSQL read-only for {seconds:.0f} s"


def fill_disk(scene: Scene, random: Random) -> str | None:
    """To its last byte, for a while: what is to be written fails, and without room for its log it ends.

    None where its data has no file system of its own.
    """
    data = scene.ground.home.postgres
    if not data.is_mount():
        return None
    seconds = random.uniform(5, 20)
    with full(data):
        time.sleep(seconds)
    postgres.wait_until_ready(scene.ground.home, _STOP_SECONDS)
    return f"PostgreSQL's disk full for {seconds:.0f} s"


def _alter(scene: Scene, statement: str) -> None:
    with closing(psycopg2.connect(scene.ground.addresses.catalog_dsn)) as connection:
        # Neither may stand in a transaction.
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            cursor.execute("SELECT pg_reload_conf()")
