"""The machine: its disk full, its power cut."""

import contextlib
import errno
import signal
import time
from pathlib import Path
from random import Random

import psutil

from nightreel.local import stray_processes
from tests.faults.scene import Scene, titles_in_work

_BLOCK = b"\0" * 1024**2


def fill_disk(scene: Scene, random: Random) -> str | None:
    """Of the work area, to its last byte, for a while. None where it has no file system of its own."""
    work = scene.ground.work
    if not work.is_mount() or not titles_in_work(scene, random):
        return None
    seconds, filler = random.uniform(5, 15), work / ".filler"
    try:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            _fill(filler)
            time.sleep(0.2)
    finally:
        filler.unlink(missing_ok=True)
    return f"the work area's disk full for {seconds:.0f} s"


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


def _fill(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file:
        for block in (_BLOCK, _BLOCK[:4096]):
            try:
                while file.write(block):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
