"""An engine, the stand-ins and the deployment, each made once; times are printed as they pass."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from nightreel.places import PROJECT_ROOT
from tests.compose.deadline import TookTooLong, at_most
from tests.compose.deployment import Deployment, Ports, free_ports, write_env_file
from tests.compose.engine import Engine, EngineFailed, running_engine, what_is_missing
from tests.compose.profiles import with_all_profiles
from tests.compose.stand_ins import build_debian, build_stand_ins, build_stand_ins_of_the_proxy


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Prints how many seconds the block took."""
    begun = time.monotonic()
    yield
    print(f"\n{time.monotonic() - begun:5.0f} s  {what}", flush=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine-within",
        type=float,
        metavar="SECONDS",
        help="skip where no engine with the images can be had within that time, whatever the reason",
    )


@pytest.fixture(scope="session")
def engine(pytestconfig: pytest.Config) -> Iterator[Engine]:
    """With the stand-ins. All that may fail up to here is for reasons of this machine."""
    seconds: float | None = pytestconfig.getoption("--engine-within")
    with ExitStack() as held:
        try:
            with at_most(seconds):
                engine = _prepared(held)
        except Unprepared as reason:
            pytest.skip(f"no Docker Engine: {reason}")
        except (EngineFailed, OSError, subprocess.SubprocessError, TookTooLong) as error:
            if seconds is None:
                raise
            pytest.skip(f"no Docker Engine: {' '.join(str(error).split())[-400:]}")
        yield engine


class Unprepared(Exception):
    """No engine can be had; the text is why, and the cure."""


def _prepared(held: ExitStack) -> Engine:
    above = PROJECT_ROOT / "build"
    above.mkdir(exist_ok=True)
    if (reason := what_is_missing(above)) is not None:
        raise Unprepared(reason)
    folder = Path(tempfile.mkdtemp(prefix="engine-", dir=above))
    # Some hundred thousand files: Python would take several times as long.
    held.callback(subprocess.run, ["rm", "-rf", "--one-file-system", folder], check=True)
    with timed("an engine"):
        engine = held.enter_context(running_engine(folder))
    with timed("a minimal Debian"):
        build_debian(engine)
    with timed("stand-ins for the images of the registry"):
        build_stand_ins(engine, folder / "stand-ins")
    return engine


@pytest.fixture(scope="session")
def deployment(engine: Engine) -> Iterator[Deployment]:
    """Up, by the command of README."""
    ports = Ports(*free_ports(1), *free_ports(1), *free_ports(1))
    env_file = engine.folder / ".env"
    deployment = Deployment(engine, env_file, write_env_file(env_file, ports), ports)
    try:
        with timed("docker compose build"):
            deployment.compose("build")
        with timed("docker compose up --build --wait"):
            deployment.up()
        yield deployment
    finally:
        deployment.down()


@pytest.fixture(scope="session")
def whole(engine: Engine, deployment: Deployment) -> Deployment:
    """The same with every profile, three replicas of the web app and a work area in a bucket."""
    with timed("stand-ins for the images of the proxy"):
        build_stand_ins_of_the_proxy(engine, engine.folder / "stand-ins")
    whole = with_all_profiles(deployment)
    with timed("docker compose up --build --wait, with every profile"):
        whole.up()
    return whole
