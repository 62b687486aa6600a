"""The demo as a newcomer runs it, once for all tests that look at it afterwards."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bench.set_up import far_from_now
from nightreel.local import stray_processes
from nightreel.local.home import Home
from nightreel.local.stack import Stack

Found = TypeVar("Found")

DEADLINE_SECONDS = 5
"""Shorter than any conversion takes, so that each run of a title really misses it."""
COMMAND = Path(sys.executable).with_name("nightreel")


@dataclass(frozen=True)
class DemoStack:
    """A stack on which the demo ran, and how the demo ended."""

    home: Home
    environment: dict[str, str]
    exit_code: int
    printed: str

    @property
    def stack(self) -> Stack:
        return Stack(self.home)

    def nightreel(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the command line against this stack."""
        return subprocess.run(
            [str(COMMAND), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def titles(self, *arguments: str) -> list[dict[str, Any]]:
        """What `nightreel status --json` says."""
        answer = self.nightreel("status", *arguments, "--json")
        assert answer.returncode == 0, answer.stderr
        titles: list[dict[str, Any]] = json.loads(answer.stdout)
        return titles

    def title(self, name: str) -> dict[str, Any]:
        (found,) = [each for each in self.titles() if name in each["title"]]
        return found

    def work_left(self) -> list[str]:
        """The files that lie in the work area."""
        return sorted(str(path) for path in self.home.work.rglob("*") if path.is_file())


@contextmanager
def home_of_its_own(**variables: str) -> Iterator[tuple[Home, dict[str, str]]]:
    """An empty home for a stack, and the environment of commands there; nothing is left of it."""
    # Not below pytest's folders: run by root, PostgreSQL belongs to a user who may not enter them.
    above = Path(tempfile.mkdtemp(prefix="nightreel-stack-"))
    home = Home(above / "home")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("NIGHTREEL_", "R2_"))},
        "NIGHTREEL_HOME": str(home.root),
        "NIGHTREEL_PRESET": "ultrafast",
        "NIGHTREEL_RETRY_DELAY_SECONDS": "1",
        "NIGHTREEL_BACKLOG_POLL_SECONDS": "2",
        "NIGHTREEL_BACKLOG_SCHEDULE": far_from_now(),
        **variables,
    }
    try:
        yield home, environment
    finally:
        Stack(home).down()
        stray_processes.end(home)
        shutil.rmtree(home.sockets, ignore_errors=True)
        shutil.rmtree(above, ignore_errors=True)


@contextmanager
def demo_stack() -> Iterator[DemoStack]:
    """Runs `nightreel demo --keep` in a home of its own, and leaves nothing of it."""
    variables = {
        "NIGHTREEL_TITLE_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
        # As the older service that the clients of streams on the fly were written for.
        "NIGHTREEL_OPEN_STREAMS": "true",
    }
    with home_of_its_own(**variables) as (home, environment):
        done = subprocess.run(
            [str(COMMAND), "demo", "--keep"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1200,
            check=False,
        )
        yield DemoStack(home, environment, done.returncode, done.stdout)


def eventually(look: Callable[[], Found | None], seconds: float, waiting_for: str) -> Found:
    """What `look` finds, as soon as it finds something; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{waiting_for} did not come about in {seconds:.0f} s")
