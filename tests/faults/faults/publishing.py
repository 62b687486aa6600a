"""Publish, between any two of its steps: its requests for the stable manifests tell how far it is."""

import re
import signal
import time
from collections.abc import Mapping
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


def kill(scene: Scene, random: Random) -> str | None:
    seconds = random.choice((0.0, random.uniform(0, _LONGEST_AFTER_SECONDS)))
    caught = _caught(scene, random, _QUESTIONS | _WRITES, seconds)
    if caught is None:
        return None
    process, where = caught
    send([process], signal.SIGKILL)
    return f"publish killed {where}"


def stop(scene: Scene, random: Random) -> str | None:
    """With the worker that watches it, as where a machine is paused, until another has published; then woken.

    It has asked what a manifest is, and will write it when it wakes. Airflow misses its worker, and has the
    same run publish again; a person has the title made anew.
    """
    titles = scene.in_work()
    caught = _caught(scene, random, _QUESTIONS, 0.0)
    if caught is None:
        return None
    process, where = caught
    paused = [process, *process.parents()[:1]]
    send(paused, signal.SIGSTOP)
    began = time.monotonic()
    time.sleep(_PAST_LOCK_SECONDS)
    published = scene.published()
    for title in {*titles, *scene.in_work()}:
        scene.ask_for(title)
    by_others = found_in_time(lambda: scene.published() - published or None, random.uniform(60, 120))
    send(paused, signal.SIGCONT)
    told = "another had published" if by_others else "nobody else had published"
    return f"publish stopped {where} for {time.monotonic() - began:.0f} s; {told}"


def _caught(
    scene: Scene, random: Random, steps: Mapping[str, re.Pattern[bytes]], seconds: float
) -> tuple[psutil.Process, str] | None:
    """A task that publishes, stopped at one of the steps or so long after it; and in words where."""
    step = random.choice(list(steps))
    caught: list[psutil.Process] = []

    def catch() -> bool:
        caught.extend(_publishing(scene)[:1])
        send(caught, signal.SIGSTOP)
        return bool(caught)

    with scene.ground.proxy.noticing(steps[step], seconds, catch):
        found_in_work(scene, random, lambda: caught or None)
    where = f"{seconds:.2f} s after {step}" if seconds else f"before {step}"
    return (caught[0], where) if caught else None


def _publishing(scene: Scene) -> list[psutil.Process]:
    """By the ids that Airflow gave to the tasks that run."""
    running = {
        str(identity) for (identity,) in scene.ground.rows(_RUNNING, dsn=scene.ground.addresses.airflow_dsn)
    }
    return [each for each in tasks(scene) if running & {*" ".join(command(each)).split()}]
