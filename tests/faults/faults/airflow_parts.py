"""Airflow's own processes: killed, for the supervisor to start again, or stopped for a while."""

import os
import signal
import time
from collections.abc import Callable
from random import Random

from tests.faults.scene import Scene, found_in_time

_STOPPED_SECONDS = 20.0


def killed(part: str) -> Callable[[Scene, Random], str | None]:
    def strike(scene: Scene, random: Random) -> str | None:
        pid = found_in_time(lambda: _pid(scene, part))
        if pid is None or not _sent(pid, signal.SIGKILL):
            return None
        return f"{part} {pid} killed"

    return strike


def stopped(part: str) -> Callable[[Scene, Random], str | None]:
    def strike(scene: Scene, random: Random) -> str | None:
        pid = found_in_time(lambda: _pid(scene, part))
        if pid is None or not _sent(pid, signal.SIGSTOP):
            return None
        time.sleep(_STOPPED_SECONDS)
        _sent(pid, signal.SIGCONT)
        return f"{part} {pid} stopped for {_STOPPED_SECONDS:.0f} s"

    return strike


def _pid(scene: Scene, part: str) -> int | None:
    state = scene.ground.supervisor.states().get(part)
    return state.pid if state is not None and state.pid else None


def _sent(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
