"""The machine: its disk full, its power cut, its clock set wrong."""

import contextlib
import signal
import time
from random import Random

import psutil

from nightreel.local import stray_processes
from tests.faults.disk import full
from tests.faults.scene import Scene, titles_in_work

_LONGEST_JUMP_SECONDS = 300.0
"""S3 refuses requests that are signed a quarter of an hour off."""


def fill_disk(scene: Scene, random: Random) -> str | None:
    """Of the work area, to its last byte, for a while. None where it has no file system of its own."""
    if not scene.ground.work.is_mount() or not titles_in_work(scene, random):
        return None
    seconds = random.uniform(5, 15)
    with full(scene.ground.work):
        time.sleep(seconds)
    return f"the work area's disk full for {seconds:.0f} s"


def jump_clock(scene: Scene, random: Random) -> str | None:
    """Minutes forward or back, and later right again, for all programs of the stack but the bucket."""
    if scene.ground.clock is None or not titles_in_work(scene, random):
        return None
    off, seconds = random.uniform(60, _LONGEST_JUMP_SECONDS) * random.choice((1, -1)), random.uniform(10, 40)
    scene.ground.clock.set(off)
    try:
        time.sleep(seconds)
    finally:
        scene.ground.clock.set(0)
    return f"the clock {off:+.0f} s off for {seconds:.0f} s"


def cut_power(scene: Scene, random: Random) -> str | None:
    """Everything is gone at once, and the stack is started again."""
    if not titles_in_work(scene, random):
        return None
    time.sleep(random.uniform(0, 6))
    gone = stray_processes.find(scene.ground.home)
    for process in gone:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)
    psutil.wait_procs(gone, timeout=10)
    stray_processes.end(scene.ground.home)
    scene.ground.stack.up()
    return f"{len(gone)} processes killed at once, and the stack started again"
