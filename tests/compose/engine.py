"""A Docker Engine of one's own: a daemon with all that it keeps in one folder, ended with the block.

Its processes and mounts are in namespaces of their own, which end with the process that started
it, however that ends: then the kernel ends every container, and no mount is left.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.compose.debian import install_plugins
from tests.compose.network import network_as_it_was

_PROGRAMS = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "iptables": "iptables",
    "setpriv": "util-linux",
    "unshare": "util-linux",
}
# The first ends what follows with the process that started it, the second its namespaces with itself.
IN_ITS_OWN_NAMESPACES = (
    *("setpriv", "--pdeathsig=KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"),
)
_START_SECONDS = 60
_STOP_SECONDS = 60
_GIB = 1 << 30
_DISK_GIB = 12
_MEMORY_GIB = 6
"""What the images take, and the containers while they convert."""


class EngineFailed(Exception):
    """The daemon did not start, or a command of Docker's failed; the text is its own."""


def what_is_missing(data: Path) -> str | None:
    """Why no engine can be had here that keeps its data in a folder, and the cure; None if one can."""
    if os.geteuid() != 0:
        return "a Docker Engine of the test's own needs root"
    if missing := sorted({package for name, package in _PROGRAMS.items() if shutil.which(name) is None}):
        return f"no Docker Engine here; on Debian: apt install {' '.join(missing)}"
    if (disk := shutil.disk_usage(data).free / _GIB) < _DISK_GIB:
        return f"the images need {_DISK_GIB} GiB of disk, and {data} has {disk:.1f}"
    if (memory := _free_memory() / _GIB) < _MEMORY_GIB:
        return f"the containers need {_MEMORY_GIB} GiB of memory, and {memory:.1f} are free"
    return None


def _free_memory() -> int:
    (line,) = [line for line in Path("/proc/meminfo").read_text().splitlines() if "MemAvailable" in line]
    return int(line.split()[1]) * 1024


@dataclass(frozen=True)
class Engine:
    """A running daemon, apart from any other on this machine."""

    folder: Path
    sockets: Path
    """A short path: the kernel takes 108 characters of a socket's."""

    @property
    def socket(self) -> str:
        return f"unix://{self.sockets / 'docker.sock'}"

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
    """Starts a daemon that keeps its data in `folder`, and ends it. Raises EngineFailed."""
    install_plugins(folder / "client" / "cli-plugins", folder / "apt")
    with tempfile.TemporaryDirectory(prefix="engine-") as sockets:
        engine = Engine(folder, Path(sockets))
        with network_as_it_was(), _daemon(engine) as daemon:
            _wait_until_it_answers(engine, daemon)
            yield engine


@contextmanager
def _daemon(engine: Engine) -> Iterator[subprocess.Popen[bytes]]:
    folder = engine.folder
    with (folder / "dockerd.log").open("wb") as log:
        parent = subprocess.Popen(
            [
                *IN_ITS_OWN_NAMESPACES,
                "dockerd",
                f"--data-root={folder / 'data'}",
                f"--exec-root={engine.sockets / 'exec'}",
                f"--pidfile={engine.sockets / 'dockerd.pid'}",
                f"--host={engine.socket}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield parent
    finally:
        with suppress(FileNotFoundError, ProcessLookupError):
            # `unshare` passes no signal on.
            children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text()
            os.kill(int(children), signal.SIGTERM)
        try:
            parent.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            parent.kill()
            parent.wait()


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
