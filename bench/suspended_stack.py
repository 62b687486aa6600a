"""Suspends a stack while something else is measured on its machine."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from nightreel.local import stray_processes
from nightreel.local.home import Home


@contextmanager
def standing_still(home: Home) -> Iterator[None]:
    """Suspends every process of the stack for the length of a block.

    People who type FFmpeg run no Airflow beside it, and an idle one takes a part of a core.
    """
    try:
        # A process that was not suspended yet may have started another one.
        while running := [process for process in stray_processes.find(home) if not _is_still(process)]:
            _signal(running, signal.SIGSTOP)
        yield
    finally:
        _signal(stray_processes.find(home), signal.SIGCONT)


def _is_still(process: psutil.Process) -> bool:
    try:
        return bool(process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE))
    except psutil.NoSuchProcess:
        return True


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
