"""The processes of a container, as this machine sees them: it may signal each, the first one too."""

import os
import signal
from pathlib import Path


def signal_program(container: str, sent: signal.Signals) -> None:
    """To the program of a service, by its container's id: the first process, or what dumb-init started."""
    (first,) = [process for process in _processes(container) if _number_inside(process) == 1]
    started = (first / "task" / first.name / "children").read_text().split()
    is_init = (first / "comm").read_text().strip() == "dumb-init"
    os.kill(int(started[0] if is_init else first.name), sent)


def container_that_runs(word: str, containers: list[str]) -> str | None:
    """The first of them, by its id, in which a program has such a word among its arguments."""
    for container in containers:
        if any(word.encode() in _command_line(process) for process in _processes(container)):
            return container
    return None


def _processes(container: str) -> list[Path]:
    return [path for path in Path("/proc").iterdir() if path.name.isdecimal() and _is_of(path, container)]


def _is_of(process: Path, container: str) -> bool:
    return container.encode() in _read(process / "cgroup")


def _command_line(process: Path) -> bytes:
    return _read(process / "cmdline")


def _read(path: Path) -> bytes:
    """Nothing, of a process that has ended."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _number_inside(process: Path) -> int:
    """Its number in the innermost namespace."""
    for line in (process / "status").read_text().splitlines():
        if line.startswith("NSpid:"):
            return int(line.split()[-1])
    raise AssertionError(f"the kernel says no namespaces of {process}")
