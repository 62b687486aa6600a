"""Homes for stacks. The DAGs of the project are not needed here: one that waits is enough."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightreel.local import stray_processes
from nightreel.local.environment import Project
from nightreel.local.home import Home

DAGS = Path(__file__).with_name("dags")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(dags=DAGS, plugins=tmp_path_factory.mktemp("plugins"))


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A home that does not exist yet, and of which nothing is left afterwards.

    Not below pytest's folders: run by root, PostgreSQL belongs to a user who may not enter them.
    """
    above = Path(tempfile.mkdtemp(prefix="nightreel-"))
    home = Home(above / "home")
    try:
        yield home
    finally:
        stray_processes.end(home)
        shutil.rmtree(home.sockets, ignore_errors=True)
        shutil.rmtree(above)
