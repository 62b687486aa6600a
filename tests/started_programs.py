"""What the media programs that Nightreel starts were really given, read from the kernel."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from nightreel.media.programs.limits import Limits

SECRETS = {
    "R2_SECRET_ACCESS_KEY": "the-secret-of-the-bucket",
    "NIGHTREEL_KEY_SECRET": "the-secret-of-the-keys",
    "NIGHTREEL_CATALOG_DSN": "postgresql://owner:the-password@db/catalog",
    "AIRFLOW__API_AUTH__JWT_SECRET": "the-secret-of-airflow",
    "AIRFLOW_CONN_NIGHTREEL_BUCKET": "aws://id:the-secret-of-the-bucket@",
    "SOMETHING_OF_THE_USERS": "which nobody knows",
}


@dataclass(frozen=True)
class StartedProgram:
    """`arguments` as in /proc/<pid>/cmdline, `environment` as in /proc/<pid>/environ."""

    arguments: tuple[str, ...]
    environment: dict[str, str]

    @property
    def name(self) -> str:
        command = self.arguments
        if "--pdeathsig" in command:
            command = command[command.index("--") + 1 :]
        return Path(command[0]).name


@contextmanager
def started_programs() -> Iterator[list[StartedProgram]]:
    """Those that are started meanwhile, each looked at while it runs."""
    seen: list[StartedProgram] = []
    impose = Limits.impose

    def look(limits: Limits, pid: int) -> None:
        process = Path(f"/proc/{pid}")
        arguments = tuple(os.fsdecode(process.joinpath("cmdline").read_bytes()).split("\0")[:-1])
        variables = os.fsdecode(process.joinpath("environ").read_bytes()).split("\0")[:-1]
        if arguments:
            told = {name: value for name, _, value in (line.partition("=") for line in variables)}
            seen.append(StartedProgram(arguments, told))
        impose(limits, pid)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Limits, "impose", look)
        yield seen


@contextmanager
def secrets_at_hand() -> Iterator[None]:
    """The environment of this process holds SECRETS, beside those that it has, as Airflow's tasks do."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            if name not in os.environ:
                patch.setenv(name, value)
        yield
