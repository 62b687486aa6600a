"""Publish, between any two of its steps: its requests for the stable manifests tell how far it is."""

import re
import signal
import time
from random import Random

import psutil

from tests.faults.faults.programs import command, send, tasks
from tests.faults.scene import Scene, found_in_time, found_in_work

_RUNNING = "SELECT id FROM task_instance WHERE task_id = 'publish' AND state = 'running'"
_QUESTIONS, _WRITES = (
    {
        f"{method} {name}": re.compile(rf"{method} /\S+/hls/movies/\d+/{re.escape(name)}[? ]".encode())
        for name in ("master.m3u8", "manifest.mpd")
    }
    for method in ("GET", "PUT")
)
_LONGEST_AFTER_SECONDS = 0.15
_PAST_LOCK_SECONDS = 95.0
"""After 60 Airflow misses it and its claim runs out, after 90 PostgreSQL ends its transaction."""
_OTHERS_SECONDS = 240.0
"""The run that was stopped may use up its tries first; then a night takes the title."""


class _Catch:
    """Stops a task that publishes, once one does."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.process: psutil.Process | None = None

    def __call__(self) -> bool:
        self.process = next(iter(_publishing(self._scene)), None)
        if self.process is not None:
            send([self.process], signal.SIGSTOP)
        return self.process is not None


def kill(scene: Scene, random: Random) -> str | None:
    step, request = random.choice(list({**_QUESTIONS, **_WRITES}.items()))
    seconds = random.choice((0.0, random.uniform(0, _LONGEST_AFTER_SECONDS)))
    catch = _Catch(scene)
    with scene.ground.proxy.noticing(request, seconds, catch):
        process = found_in_work(scene, random, lambda: catch.process)
    if process is None:
        return None
    send([process], signal.SIGKILL)
    return f"publish killed {seconds:.2f} s after {step}" if seconds else f"publish killed before {step}"


def stop(scene: Scene, random: Random) -> str | None:
    """While it writes a manifest, with the worker that watches it, until another has published; then woken.

    As where a machine is suspended, and its request is stuck on the way. Airflow misses its worker, and has
    the same run publish again; a person has the title made anew.
    """
    titles, catch = scene.in_work(), _Catch(scene)
    step, request = random.choice(list(_WRITES.items()))
    with scene.ground.proxy.holding(request, catch):
        process = found_in_work(scene, random, lambda: catch.process)
        if process is None:
            return None
        paused = [process, *process.parents()[:1]]
        send(paused, signal.SIGSTOP)
        began = time.monotonic()
        time.sleep(_PAST_LOCK_SECONDS)
        published = scene.published()
        for title in {*titles, *scene.in_work()}:
            scene.ask_for(title)
        by_others = found_in_time(lambda: scene.published() - published or None, _OTHERS_SECONDS)
    send(paused, signal.SIGCONT)
    told = "another had published" if by_others else "nobody else had published"
    return f"publish stopped at its {step} for {time.monotonic() - began:.0f} s; {told}"


def _publishing(scene: Scene) -> list[psutil.Process]:
    """By the ids that Airflow gave to the tasks that run."""
    running = {
        str(identity) for (identity,) in scene.ground.rows(_RUNNING, dsn=scene.ground.addresses.airflow_dsn)
    }
    return [each for each in tasks(scene) if running & {*" ".join(command(each)).split()}]
