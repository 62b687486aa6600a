"""Starts and stops that go wrong. A home with a path too long for sockets, used from test to test."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from nightreel.local import stray_processes
from nightreel.local.environment import Project
from nightreel.local.failures import StackFailed
from nightreel.local.home import Home
from nightreel.local.stack import Stack

pytestmark = pytest.mark.stack

_COMMAND = """
import sys, time
from pathlib import Path
from nightreel.local.environment import Project
from nightreel.local.home import Home
from nightreel.local.stack import Stack

stack = Stack(Home(Path(sys.argv[1])), Project(Path(sys.argv[2]), Path(sys.argv[3])))
with stack.running(lambda step: print(step, flush=True)):
    print("up", flush=True)
    stack.follow()
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    above = Path(tempfile.mkdtemp(prefix="nightreel-"))
    home = Home(above / ("long" * 25) / "home")
    home.root.parent.mkdir()
    try:
        yield home
    finally:
        stray_processes.end(home)
        shutil.rmtree(home.sockets, ignore_errors=True)
        shutil.rmtree(above)


def _foreground(home: Home, project: Project, until: str) -> subprocess.Popen[str]:
    """`up` in a process of its own, as soon as it has said `until`."""
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, str(home.root), str(project.dags), str(project.plugins)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line.strip())
        if said[-1] == until:
            return process
    process.wait()
    raise AssertionError(f"it ended with {process.returncode}, having said {said}")


def test_down_without_a_stack_does_nothing(tmp_path: Path, project: Project) -> None:
    stack = Stack(Home(tmp_path / "never"), project)
    assert not stack.down()
    assert not stack.status().running
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StackFailed, match="make up"):
        stack.client()


@pytest.mark.parametrize(
    ("number", "step"),
    [
        (signal.SIGINT, "Starting PostgreSQL and the object store"),
        (signal.SIGINT, "Preparing Airflow's database"),
        (signal.SIGTERM, "Starting Airflow"),
    ],
)
def test_an_interrupted_start_leaves_no_process(
    home: Home, project: Project, number: signal.Signals, step: str
) -> None:
    starting = _foreground(home, project, until=step)
    starting.send_signal(number)
    assert starting.wait(timeout=60) != 0
    assert stray_processes.find(home) == []


def test_a_start_killed_on_the_way_is_cleaned_up_by_down(home: Home, project: Project) -> None:
    starting = _foreground(home, project, until="Starting Airflow")
    starting.kill()
    starting.wait()
    assert stray_processes.find(home) != []
    assert Stack(home, project).down()
    assert stray_processes.find(home) == []


def test_data_survives_the_death_of_everything_and_ctrl_c_ends_what_runs_in_the_foreground(
    home: Home, project: Project
) -> None:
    stack = Stack(home, project)
    first = stack.up()
    with stack.client() as client:
        run_id = client.trigger("countdown", {"seconds": 300})

    supervisor = next(
        process for process in stray_processes.find(home) if "supervisord" in " ".join(process.cmdline())
    )
    supervisor.kill()
    for program in ("postgres", "weed"):
        for process in stray_processes.find(home):
            if process.name() == program and process.ppid() == 1:
                process.kill()
    assert stack.down()
    assert stray_processes.find(home) == []
    # As after a reboot: the number in the old lock file belongs to another process now.
    lock = home.postgres / "postmaster.pid"
    lock.write_text("\n".join([str(psutil.Process().pid), *lock.read_text().splitlines()[1:]]) + "\n")

    foreground = _foreground(home, project, until="up")
    assert stack.status().addresses == first
    with stack.client() as client:
        assert client.run("countdown", run_id).state == "running"
    foreground.send_signal(signal.SIGINT)
    assert foreground.wait(timeout=60) != 0
    assert stray_processes.find(home) == []
