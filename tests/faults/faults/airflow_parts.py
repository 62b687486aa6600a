"""Programs of the stack: killed, for the supervisor to start again, stopped for a while, or restarted."""

import os
import signal
import time
from collections.abc import Callable
from random import Random

from tests.faults.scene import Scene, found_in_time, titles_in_work

_REST_SECONDS = 30.0


def killed(part: str) -> Callable[[Scene, Random], str | None]:
    def strike(scene: Scene, random: Random) -> str | None:
        titles_in_work(scene, random)
        pid = found_in_time(lambda: _pid(scene, part))
        if pid is None or not _sent(pid, signal.SIGKILL):
            return None
        return f"{part} {pid} killed"

    return strike


def stopped(part: str) -> Callable[[Scene, Random], str | None]:
    def strike(scene: Scene, random: Random) -> str | None:
        pid, seconds = found_in_time(lambda: _pid(scene, part)), random.uniform(5, 20)
        if pid is None or not _sent(pid, signal.SIGSTOP):
            return None
        time.sleep(seconds)
        _sent(pid, signal.SIGCONT)
        return f"{part} {pid} stopped for {seconds:.0f} s"

    return strike


def restarted(part: str) -> Callable[[Scene, Random], str | None]:
    """As a deployment does: asked to end, and started again."""

    def strike(scene: Scene, random: Random) -> str | None:
        titles_in_work(scene, random)
        supervisor = scene.ground.supervisor
        supervisor.stop([part])
        found_in_time(lambda: True if supervisor.at_rest([part]) else None, _REST_SECONDS)
        supervisor.start([part])
        return f"{part} restarted"

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
