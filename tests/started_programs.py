"""What the media programs that Nightreel starts were really given, read from the kernel."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nightreel.media.programs import launch
from nightreel.media.programs.launch import Launched

SECRETS = {
    "R2_SECRET_ACCESS_KEY": "the-secret-of-the-bucket",
    "NIGHTREEL_KEY_SECRET": "the-secret-of-the-keys",
    "NIGHTREEL_CATALOG_DSN": "postgresql://owner:the-password@db/catalog",
    "AIRFLOW__API_AUTH__JWT_SECRET": "the-secret-of-airflow",
    "AIRFLOW_CONN_NIGHTREEL_BUCKET": "aws://id:the-secret-of-the-bucket@",
    "SOMETHING_OF_THE_USERS": "which nobody knows",
}


# A program that ends soon takes what /proc tells of it along, and one in the midst of its exec has
# an empty environment: each is held before its first instruction, until it was looked at.
_HOLD = ("/bin/sh", "-c", 'kill -STOP $$; exec "$@"', "hold")


@dataclass(frozen=True)
class StartedProgram:
    """`arguments` as in /proc/<pid>/cmdline, `environment` as in /proc/<pid>/environ."""

    arguments: tuple[str, ...]
    environment: dict[str, str]

    @property
    def name(self) -> str:
        return Path(self.arguments[0]).name


@contextmanager
def started_programs() -> Iterator[list[StartedProgram]]:
    """Every one that is started meanwhile, looked at before it runs."""
    seen: list[StartedProgram] = []
    die_with_parent, start = launch._die_with_parent, Launched.__init__

    def start_held(launched: Launched, *arguments: Any, **options: Any) -> None:
        start(launched, *arguments, **options)
        pid = launched.process.pid
        try:
            seen.append(_held(pid))
        finally:
            os.kill(pid, signal.SIGCONT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launch, "_die_with_parent", lambda: [*die_with_parent(), *_HOLD])
        patch.setattr(Launched, "__init__", start_held)
        yield seen


def _held(pid: int) -> StartedProgram:
    """What the program was given, read once it stands still."""
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    arguments, variables = (
        os.fsdecode(Path(f"/proc/{pid}/{name}").read_bytes()).split("\0")[:-1]
        for name in ("cmdline", "environ")
    )
    assert tuple(arguments[: len(_HOLD)]) == _HOLD, arguments
    told = {name: value for name, _, value in (line.partition("=") for line in variables)}
    return StartedProgram(tuple(arguments[len(_HOLD) :]), told)


@contextmanager
def secrets_at_hand() -> Iterator[None]:
    """The environment of this process holds SECRETS, beside those that it has, as Airflow's tasks do."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            if name not in os.environ:
                patch.setenv(name, value)
        yield
