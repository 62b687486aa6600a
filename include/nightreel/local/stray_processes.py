"""Processes of the stack, found by a mark instead of by their parents.

Whatever the supervisor starts inherits a mark in its environment: Airflow's workers and their tasks,
FFmpeg below them, even if their parents were killed and init has adopted them.
"""

import os
import signal

import psutil

from nightreel.local import postgres
from nightreel.local.home import Home

MARK = "NIGHTREEL_STACK"

_DATABASE_SECONDS = 20.0
_KILL_SECONDS = 10.0
_ROUNDS = 5


def mark_of(home: Home) -> str:
    """The mark that the processes of this home carry."""
    return str(home.root.resolve())


def find(home: Home) -> list[psutil.Process]:
    """All processes of this home's stack, except this one and its parents."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    marked = [
        process for process in psutil.process_iter() if process.pid not in mine and _bears(process, home)
    ]
    known = {process.pid for process in marked}
    # PostgreSQL overwrites its environment with its process titles.
    return marked + [process for process in postgres.servers(home) if process.pid not in known]


def end(home: Home) -> int:
    """Ends every process of the stack, and returns how many there were.

    All except PostgreSQL are killed: a task that was asked to end would report a failure and lose a try,
    but one that vanishes is run again. PostgreSQL is stopped last, and in order.
    """
    ended = _kill_all_but_database(home)
    database = postgres.servers(home)
    for process in database:
        # Fast shutdown: disconnect everyone, write a checkpoint (pg_ctl(1), stop -m fast).
        _send(process, signal.SIGINT)
    _, stubborn = psutil.wait_procs(database, timeout=_DATABASE_SECONDS)
    _kill(stubborn)
    return ended + len(database)


def _kill_all_but_database(home: Home) -> int:
    ended = 0
    # The supervisor or a scheduler may start something while it is being killed.
    for _ in range(_ROUNDS):
        database = {process.pid for process in postgres.servers(home)}
        others = [process for process in find(home) if process.pid not in database]
        if not others:
            break
        _kill(others)
        ended += len(others)
    return ended


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(processes, timeout=_KILL_SECONDS)


def _bears(process: psutil.Process, home: Home) -> bool:
    try:
        return bool(process.environ().get(MARK) == mark_of(home))
    except (psutil.Error, OSError):
        return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
