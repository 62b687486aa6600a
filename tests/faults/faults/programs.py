"""FFmpeg and the tasks' own processes: killed, stopped, or left hardly any time."""

import re
import signal
import time
from collections.abc import Iterator
from random import Random

import psutil

from tests.faults.scene import Scene, found_in_time

_TASK = re.compile(r"airflow worker -- [0-9a-f]{8}-[0-9a-f-]{27}")
_LONGEST_QUESTION = 4
_SLOW_SECONDS = 20.0
_SOON = 0.03
"""Of a film of a second, FFmpeg is there for a moment only."""


def kill_ffmpeg(scene: Scene, random: Random) -> str | None:
    return _signalled(scene, random, signal.SIGKILL)


def stop_ffmpeg(scene: Scene, random: Random) -> str | None:
    """For good: only who watches it can end it."""
    return _signalled(scene, random, signal.SIGSTOP)


def slow_ffmpeg(scene: Scene, random: Random) -> str | None:
    """Every FFmpeg there is has a twentieth of its time, for a while."""
    if found_in_time(lambda: next(ffmpegs(scene), None), interval=_SOON) is None:
        return None
    ends = time.monotonic() + _SLOW_SECONDS
    while time.monotonic() < ends:
        slowed = list(ffmpegs(scene))
        _send(slowed, signal.SIGSTOP)
        time.sleep(0.38)
        _send(slowed, signal.SIGCONT)
        time.sleep(0.02)
    return f"every FFmpeg slowed for {_SLOW_SECONDS:.0f} s"


def kill_task(scene: Scene, random: Random) -> str | None:
    time.sleep(random.uniform(0, 3))
    process = found_in_time(lambda: next(_tasks(scene), None), interval=_SOON)
    if process is None:
        return None
    _send([process], signal.SIGKILL)
    return f"task process {process.pid} killed"


def ffmpegs(scene: Scene) -> Iterator[psutil.Process]:
    """Those that tasks have started and that run now."""
    for process in _below_scheduler(scene):
        words = _command(process)
        # The question for the version, or for the encoders that there are, is over at once.
        if len(words) > _LONGEST_QUESTION and "ffmpeg" in words[0].rpartition("/")[2]:
            yield process


def _tasks(scene: Scene) -> Iterator[psutil.Process]:
    for process in _below_scheduler(scene):
        if _TASK.search(" ".join(_command(process))):
            yield process


def _signalled(scene: Scene, random: Random, number: signal.Signals) -> str | None:
    time.sleep(random.uniform(0, 3))
    process = found_in_time(lambda: next(ffmpegs(scene), None), interval=_SOON)
    if process is None:
        return None
    words = " ".join(_command(process))[-60:]
    _send([process], number)
    return f"{number.name} to FFmpeg {process.pid} (… {words})"


def _below_scheduler(scene: Scene) -> list[psutil.Process]:
    scheduler = scene.ground.supervisor.states().get("scheduler")
    try:
        return psutil.Process(scheduler.pid).children(recursive=True) if scheduler and scheduler.pid else []
    except psutil.Error:
        return []


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.Error:
            continue
