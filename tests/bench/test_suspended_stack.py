"""The stack stands still while something else is measured."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.suspended_stack import standing_still
from nightreel.local.home import Home
from nightreel.local.stray_processes import MARK, mark_of


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def part(home: Home) -> Iterator[psutil.Process]:
    """A process that bears the mark of the stack in `home`."""
    with subprocess.Popen(["sleep", "60"], env={**os.environ, MARK: mark_of(home)}) as child:
        try:
            yield psutil.Process(child.pid)
        finally:
            child.kill()


def test_the_stack_s_processes_are_suspended_and_go_on_afterwards(home: Home, part: psutil.Process) -> None:
    with standing_still(home):
        assert part.status() == psutil.STATUS_STOPPED
    assert part.status() != psutil.STATUS_STOPPED


def test_they_go_on_after_an_interrupt_too(home: Home, part: psutil.Process) -> None:
    with pytest.raises(KeyboardInterrupt), standing_still(home):
        raise KeyboardInterrupt
    assert part.status() != psutil.STATUS_STOPPED


def test_processes_of_another_stack_are_left_alone(tmp_path: Path, part: psutil.Process) -> None:
    with standing_still(Home(tmp_path / "another")):
        assert part.status() != psutil.STATUS_STOPPED
