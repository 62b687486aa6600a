"""FFmpeg and the tasks' own processes: killed, stopped, or left hardly any time."""

import re
import signal
import threading
import time
from collections.abc import Iterator
from random import Random

import psutil

from tests.faults.scene import Scene, found_in_work

_WORKER = "airflow worker -- LocalExecutor"
_TASK = re.compile(r"airflow worker -- [0-9a-f]{8}-[0-9a-f-]{27}")
_LONGEST_QUESTION = 4
_NO_MEMORY = 1024**2
_SLOW_SECONDS = 120.0
_CLAIM_IS_OVER_SECONDS = 100.0
_OTHERS_COME_AT_SECONDS = (80.0, 100.0)
_OFTEN_SECONDS = 0.1
_SLOW_FILM_SECONDS = 180
_SLOW_STOPPED_SECONDS, _SLOW_RUNNING_SECONDS = 3.0, 0.1
_SOON = 0.03
"""Of a film of a second, FFmpeg is there for a moment only."""


def kill_ffmpeg(scene: Scene, random: Random) -> str | None:
    return _signalled(scene, random, signal.SIGKILL)


def stop_ffmpeg(scene: Scene, random: Random) -> str | None:
    """For good: only who watches it can end it."""
    return _signalled(scene, random, signal.SIGSTOP)


def slow_ffmpeg(scene: Scene, random: Random) -> str | None:
    """Every FFmpeg there is has hardly any of its time, for twice as long as a claim lasts by itself."""
    titles = sorted(scene.library.wanted)
    if not titles:
        return None
    title = random.choice(titles)
    # Of a film of a second, FFmpeg has made everything before it can be slowed down.
    scene.library.replace(title, _SLOW_FILM_SECONDS)
    scene.ask_for(title)
    if found_in_work(scene, random, lambda: next(ffmpegs(scene), None), interval=_SOON) is None:
        return None
    # Who would take a title whose claim has run out comes by while they are still at work.
    for seconds in _OTHERS_COME_AT_SECONDS:
        threading.Timer(seconds, scene.ask_for, [title]).start()
    slowed: dict[int, psutil.Process] = {}
    ends = time.monotonic() + _SLOW_SECONDS
    while time.monotonic() < ends:
        _stop_all(scene, slowed)
        send(list(slowed.values()), signal.SIGCONT)
        time.sleep(_SLOW_RUNNING_SECONDS)
        # Those that are known, before anything is looked up.
        send(list(slowed.values()), signal.SIGSTOP)
    send(list(slowed.values()), signal.SIGCONT)
    return f"{len(slowed)} FFmpegs slowed for {_SLOW_SECONDS:.0f} s"


def _stop_all(scene: Scene, slowed: dict[int, psutil.Process]) -> None:
    """For a while, those too that begin meanwhile."""
    ends = time.monotonic() + _SLOW_STOPPED_SECONDS
    while time.monotonic() < ends:
        fresh = [process for process in ffmpegs(scene) if process.pid not in slowed]
        send(fresh, signal.SIGSTOP)
        slowed |= {process.pid: process for process in fresh}
        time.sleep(_OFTEN_SECONDS)


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
    process = found_in_work(scene, random, lambda: next(tasks(scene), None), interval=_SOON)
    if process is None:
        return None
    send([process], signal.SIGKILL)
    return f"task process {process.pid} killed"


def kill_worker(scene: Scene, random: Random) -> str | None:
    """The process of the executor's that watches a task."""
    workers = found_in_work(scene, random, lambda: _workers(scene) or None, interval=_SOON)
    if not workers:
        return None
    process = random.choice(workers)
    words = " ".join(command(process))
    send([process], signal.SIGKILL)
    return f"worker {process.pid} killed ({words[:60]})"


def stop_task(scene: Scene, random: Random) -> str | None:
    """For a moment, or until its claim and its heartbeats are overdue; then it goes on."""
    process = found_in_work(scene, random, lambda: next(tasks(scene), None), interval=_SOON)
    return _paused([process] if process else [], random)


def stop_worker(scene: Scene, random: Random) -> str | None:
    """With the task that it watches, as where a machine is suspended."""
    workers = found_in_work(scene, random, lambda: _workers(scene) or None, interval=_SOON)
    if not workers:
        return None
    worker = random.choice(workers)
    return _paused([worker, *_below(worker)], random)


def _paused(processes: list[psutil.Process], random: Random) -> str | None:
    seconds = random.choice((random.uniform(5, 20), _CLAIM_IS_OVER_SECONDS))
    if not processes:
        return None
    words = " ".join(command(processes[0]))
    send(processes, signal.SIGSTOP)
    time.sleep(seconds)
    send(processes, signal.SIGCONT)
    return f"{words[:60]} stopped for {seconds:.0f} s"


def ffmpegs(scene: Scene) -> Iterator[psutil.Process]:
    """Those that tasks have started and that run now."""
    for process in _below_scheduler(scene):
        words = command(process)
        # The question for the version, or for the encoders that there are, is over at once.
        if len(words) > _LONGEST_QUESTION and "ffmpeg" in words[0].rpartition("/")[2]:
            yield process


def tasks(scene: Scene) -> Iterator[psutil.Process]:
    for process in _below_scheduler(scene):
        if _TASK.search(" ".join(command(process))):
            yield process


def _workers(scene: Scene) -> list[psutil.Process]:
    """Children of the scheduler's, which is where the executor starts them."""
    return [
        each
        for each in _below_scheduler(scene)
        if " ".join(command(each)).startswith(_WORKER) and not _TASK.search(" ".join(command(each)))
    ]


def _signalled(scene: Scene, random: Random, number: signal.Signals) -> str | None:
    time.sleep(random.uniform(0, 3))
    process = found_in_work(scene, random, lambda: next(ffmpegs(scene), None), interval=_SOON)
    if process is None:
        return None
    words = " ".join(command(process))[-60:]
    send([process], number)
    return f"{number.name} to FFmpeg {process.pid} (… {words})"


def _below_scheduler(scene: Scene) -> list[psutil.Process]:
    scheduler = scene.ground.supervisor.states().get("scheduler")
    try:
        return _below(psutil.Process(scheduler.pid)) if scheduler and scheduler.pid else []
    except psutil.Error:
        return []


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.Error:
            continue
