"""FFmpeg and the tasks' own processes: killed, stopped, or left hardly any time."""

import re
import signal
import time
from collections.abc import Iterator
from random import Random

import psutil

from tests.faults.scene import Scene, found_in_time, found_in_work

_WORKER = "airflow worker -- LocalExecutor"
_TASK = re.compile(r"airflow worker -- [0-9a-f]{8}-[0-9a-f-]{27}")
_RUNNING = "SELECT id FROM task_instance WHERE task_id = %s AND state = 'running'"
_LONGEST_QUESTION = 4
_NO_MEMORY = 1024**2
_PUBLISH_SECONDS = 1.2
_PAST_LOCK_SECONDS = 95.0
"""After 60 its claim runs out, after 90 PostgreSQL ends its transaction."""
_SLOW_SECONDS = 100.0
_SLOW_STOPPED_SECONDS, _SLOW_RUNNING_SECONDS = 2.0, 0.01
_SOON = 0.03
"""Of a film of a second, FFmpeg is there for a moment only."""


def kill_ffmpeg(scene: Scene, random: Random) -> str | None:
    return _signalled(scene, random, signal.SIGKILL)


def stop_ffmpeg(scene: Scene, random: Random) -> str | None:
    """For good: only who watches it can end it."""
    return _signalled(scene, random, signal.SIGSTOP)


def slow_ffmpeg(scene: Scene, random: Random) -> str | None:
    """Every FFmpeg there is has hardly any of its time, for longer than a claim lasts by itself."""
    if found_in_work(scene, random, lambda: next(ffmpegs(scene), None), interval=_SOON) is None:
        return None
    ends = time.monotonic() + _SLOW_SECONDS
    while time.monotonic() < ends:
        slowed = list(ffmpegs(scene))
        _send(slowed, signal.SIGSTOP)
        time.sleep(_SLOW_STOPPED_SECONDS)
        _send(slowed, signal.SIGCONT)
        time.sleep(_SLOW_RUNNING_SECONDS)
    return f"every FFmpeg slowed for {_SLOW_SECONDS:.0f} s"


def starve_ffmpeg(scene: Scene, random: Random) -> str | None:
    """It gets no more memory than it has, as where the machine has none left."""
    process = found_in_work(scene, random, lambda: next(ffmpegs(scene), None), interval=_SOON)
    if process is None:
        return None
    try:
        process.rlimit(psutil.RLIMIT_AS, (_NO_MEMORY, _NO_MEMORY))
    except psutil.Error:
        return None
    return f"no more memory for FFmpeg {process.pid}"


def kill_task(scene: Scene, random: Random) -> str | None:
    time.sleep(random.uniform(0, 3))
    process = found_in_work(scene, random, lambda: next(_tasks(scene), None), interval=_SOON)
    if process is None:
        return None
    _send([process], signal.SIGKILL)
    return f"task process {process.pid} killed"


def kill_publish(scene: Scene, random: Random) -> str | None:
    """Between any two of its steps: how long after its beginning is chance."""
    process = found_in_work(scene, random, lambda: _task(scene, "publish"), interval=_SOON)
    if process is None:
        return None
    seconds = random.uniform(0, _PUBLISH_SECONDS)
    time.sleep(seconds)
    if not process.is_running():
        return None
    _send([process], signal.SIGKILL)
    return f"publish killed after {seconds:.2f} s"


def stop_publish(scene: Scene, random: Random) -> str | None:
    """Until its claim has run out and another run has published; then it wakes."""
    process = found_in_work(scene, random, lambda: _task(scene, "publish"), interval=_SOON)
    if process is None:
        return None
    titles, published = scene.in_work(), scene.published()
    seconds = random.uniform(0, _PUBLISH_SECONDS)
    time.sleep(seconds)
    if not process.is_running():
        return None
    _send([process], signal.SIGSTOP)
    began = time.monotonic()
    time.sleep(_PAST_LOCK_SECONDS)
    for title in titles:
        scene.ask_for(title)
    by_others = found_in_time(lambda: scene.published() - published or None, random.uniform(30, 90))
    _send([process], signal.SIGCONT)
    stopped = time.monotonic() - began
    told = "and another had published" if by_others else "and nobody else had published"
    return f"publish stopped after {seconds:.2f} s for {stopped:.0f} s, {told}"


def kill_worker(scene: Scene, random: Random) -> str | None:
    """A process of the executor's, with the task that it watches or without one."""
    workers = found_in_work(scene, random, lambda: _workers(scene) or None)
    if not workers:
        return None
    process = random.choice(workers)
    words = " ".join(_command(process))
    _send([process], signal.SIGKILL)
    return f"worker {process.pid} killed ({words[:60]})"


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


def _task(scene: Scene, name: str) -> psutil.Process | None:
    """The process of a task that runs, by the id that Airflow gave it."""
    running = scene.ground.rows(_RUNNING, name, dsn=scene.ground.addresses.airflow_dsn)
    for (identity,) in running:
        for process in _tasks(scene):
            if str(identity) in " ".join(_command(process)):
                return process
    return None


def _workers(scene: Scene) -> list[psutil.Process]:
    """Children of the scheduler's, which is where the executor starts them."""
    return [
        each
        for each in _below_scheduler(scene)
        if " ".join(_command(each)).startswith(_WORKER) and not _TASK.search(" ".join(_command(each)))
    ]


def _signalled(scene: Scene, random: Random, number: signal.Signals) -> str | None:
    time.sleep(random.uniform(0, 3))
    process = found_in_work(scene, random, lambda: next(ffmpegs(scene), None), interval=_SOON)
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
