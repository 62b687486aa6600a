"""An engine, the stand-ins and the deployment, each made once; times are printed as they pass."""

import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nightreel.settings import PROJECT_ROOT
from tests.compose.deployment import Deployment, Ports, write_env_file
from tests.compose.engine import Engine, running_engine, what_is_missing
from tests.compose.stand_ins import build_debian, build_stand_ins


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Prints how many seconds the block took."""
    begun = time.monotonic()
    yield
    print(f"\n{time.monotonic() - begun:5.0f} s  {what}", flush=True)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    reason = what_is_missing()
    if reason is not None:
        pytest.skip(reason)
    above = PROJECT_ROOT / "build"
    above.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="engine-", dir=above))
    try:
        with running_engine(folder) as engine:
            with timed("a minimal Debian"):
                build_debian(engine, folder / "debian")
            with timed("stand-ins for the images of the registry"):
                build_stand_ins(engine, folder / "stand-ins")
            yield engine
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def deployment(engine: Engine) -> Iterator[Deployment]:
    """Up, by the command of README."""
    ports = Ports(*_free_ports(3))
    env_file = engine.folder / ".env"
    deployment = Deployment(engine, env_file, write_env_file(env_file, ports), ports)
    try:
        with timed("docker compose build"):
            deployment.compose("build")
        with timed("docker compose up --build --wait"):
            deployment.up()
        yield deployment
    finally:
        deployment.compose("down", "--volumes")


def _free_ports(number: int) -> list[int]:
    held = [socket.socket() for _ in range(number)]
    for each in held:
        each.bind(("", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports
