"""The database, of the catalog and of Airflow alike: connections cut, or away for a while."""

import time
from random import Random

from nightreel.local import postgres
from tests.faults.scene import Scene

_CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
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
    seconds = random.uniform(10, 20)
    supervisor = scene.ground.supervisor
    supervisor.stop([postgres.PROGRAM])
    deadline = time.monotonic() + _STOP_SECONDS
    while not supervisor.at_rest([postgres.PROGRAM]) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(seconds)
    supervisor.start([postgres.PROGRAM])
    postgres.wait_until_ready(scene.ground.home, _STOP_SECONDS)
    return f"PostgreSQL away for {seconds:.0f} s"
