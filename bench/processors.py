"""The processor time that a whole stack takes, by its programs."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

import psutil

from nightreel.local.home import Home
from nightreel.local.supervise import Supervisor

TASKS = "tasks"
"""The processes of Airflow's tasks, and whatever they run: all that the scheduler has forked."""
_SCHEDULER = "scheduler"


def cpu_by_program(home: Home) -> dict[str, float]:
    """Seconds of processor time so far of each program of the stack, with all processes that it started.

    Those that have ended count as well: their parents, which waited for them, carry their time.
    """
    found: dict[str, float] = {}
    for state in Supervisor(home).states().values():
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(state.pid)
            own, others = _own(process), sum(_of_children(process))
            if state.name == _SCHEDULER:
                found |= {state.name: own, TASKS: others}
            else:
                found[state.name] = own + others
    return found


def since(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What each program took between two looks."""
    return {name: after[name] - before.get(name, 0.0) for name in after}


def _own(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _of_children(process: psutil.Process) -> Iterator[float]:
    """Of the children that it waited for, and of all that are alive and of theirs."""
    times = process.cpu_times()
    yield float(times.children_user + times.children_system)
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            yield _own(child) + sum(_of_children(child))
