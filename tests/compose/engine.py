"""A Docker Engine of one's own: a daemon with all that it keeps in one folder, ended with the block."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.compose.debian import install_plugins

_PROGRAMS = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "debootstrap": "debootstrap",
    "iptables": "iptables",
}
_START_SECONDS = 60
_STOP_SECONDS = 60


class EngineFailed(Exception):
    """The daemon did not start, or a command of Docker's failed; the text is its own."""


def what_is_missing() -> str | None:
    """Why no engine can be had here, and the cure; None if one can."""
    if os.geteuid() != 0:
        return "a Docker Engine of the test's own needs root"
    missing = sorted({package for name, package in _PROGRAMS.items() if shutil.which(name) is None})
    return f"no Docker Engine here; on Debian: apt install {' '.join(missing)}" if missing else None


@dataclass(frozen=True)
class Engine:
    """A running daemon, apart from any other on this machine."""

    folder: Path

    @property
    def socket(self) -> str:
        return f"unix://{self.folder / 'docker.sock'}"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DOCKER_HOST": self.socket, "DOCKER_CONFIG": str(self.folder / "client")}

    def docker(self, *arguments: str | Path, seconds: float = 900, cwd: Path | None = None) -> str:
        """Runs a command of Docker's; returns its standard output. Raises EngineFailed."""
        done = subprocess.run(
            ["docker", *map(str, arguments)],
            env=self.environment,
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr)[-6000:]
            raise EngineFailed(
                f"docker {' '.join(map(str, arguments))} ended with {done.returncode}:\n{said}"
            )
        return done.stdout


@contextmanager
def running_engine(folder: Path) -> Iterator[Engine]:
    """Starts a daemon that keeps everything in `folder`, and ends it. Raises EngineFailed.

    The folder's path must be short: the daemon's sockets lie in it.
    """
    engine = Engine(folder)
    install_plugins(folder / "client" / "cli-plugins", folder / "apt")
    with (folder / "dockerd.log").open("wb") as log:
        daemon = subprocess.Popen(
            [
                "dockerd",
                f"--data-root={folder / 'data'}",
                f"--exec-root={folder / 'exec'}",
                f"--pidfile={folder / 'dockerd.pid'}",
                f"--host={engine.socket}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(engine, daemon)
        yield engine
    finally:
        daemon.terminate()
        daemon.wait(_STOP_SECONDS)


def _wait_until_it_answers(engine: Engine, daemon: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            engine.docker("version", seconds=10)
        except (EngineFailed, subprocess.TimeoutExpired):
            if daemon.poll() is not None or time.monotonic() > deadline:
                log = (engine.folder / "dockerd.log").read_text()[-3000:]
                raise EngineFailed(f"dockerd did not start:\n{log}") from None
            time.sleep(0.5)
        else:
            return
