"""A program that stands still, or that nobody wants any more, is ended."""

import os
import signal
import sys
import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from nightreel.errors import ClaimLost, EncoderFailed, ProgramStalled
from nightreel.media.programs import process
from nightreel.media.programs.binaries import find_binaries
from nightreel.media.programs.bounds import bounds
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.supervision import supervised


@pytest.fixture
def stall_seconds(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(process, "bounds", lambda: replace(bounds(), stall_seconds=3))
    return 3


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


_SAYS_ITS_NUMBER = "import os, time\nprint(os.getpid(), flush=True)\n"


@pytest.mark.usefixtures("stall_seconds")
def test_a_stopped_program_is_ended_and_named() -> None:
    program = f"{_SAYS_ITS_NUMBER}while True: pass"
    lines = process.lines(python(program), timeout_seconds=600, stderr=deque())
    pid = int(next(lines))
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(ProgramStalled, match=rf"^{Path(sys.executable).name} .*NIGHTREEL_STALL_SECONDS"):
        next(lines)
    assert not psutil.pid_exists(pid)


@pytest.mark.usefixtures("stall_seconds")
def test_a_stopped_encoder_is_ended_though_it_had_said_how_far_it_is(tmp_path: Path) -> None:
    command = [find_binaries().ffmpeg, "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2"]
    command += ["-progress", "pipe:1", "-stats_period", "0.2", "-f", "null", "-"]
    stopped: list[int] = []

    def stop(_progress: process.Progress) -> None:
        if not stopped:
            (child,) = (each for each in psutil.Process().children() if "ffmpeg" in each.name())
            stopped.append(child.pid)
            child.suspend()

    with pytest.raises(ProgramStalled, match="ffmpeg"):
        process.run(command, timeout_seconds=600, on_progress=stop)
    assert not psutil.pid_exists(stopped[0])


@pytest.mark.usefixtures("stall_seconds")
def test_a_program_that_waits_for_its_input_is_ended_though_it_repeats_how_far_it_is(tmp_path: Path) -> None:
    # A pipe that nobody writes to is a disk that does not answer.
    os.mkfifo(tmp_path / "silent")
    program = (
        "import threading, time\n"
        "def say():\n while True:\n"
        "  print('out_time_us=0\\nprogress=continue', flush=True); time.sleep(0.5)\n"
        f"threading.Thread(target=say, daemon=True).start()\nopen({str(tmp_path / 'silent')!r}).read()"
    )
    with pytest.raises(ProgramStalled):
        process.run(python(program), timeout_seconds=600, sandbox=Sandbox(reads=(tmp_path,)))


@pytest.mark.usefixtures("stall_seconds")
def test_a_program_that_works_in_silence_or_speaks_in_idleness_goes_on() -> None:
    silent = "import time\nend = time.monotonic() + 6\nwhile time.monotonic() < end: pass"
    process.run(python(silent), timeout_seconds=60)
    idle = "import time\nfor n in range(12): print(n, flush=True); time.sleep(0.5)"
    assert len(list(process.lines(python(idle), timeout_seconds=60, stderr=deque()))) == 12


@pytest.mark.usefixtures("stall_seconds")
def test_a_wrapper_waits_while_what_it_started_works() -> None:
    working = "import time\nend = time.monotonic() + 6\nwhile time.monotonic() < end: pass"
    wrapper = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {working!r}], check=True)"
    process.run(python(wrapper), timeout_seconds=60)


def test_a_program_that_nobody_wants_any_more_is_ended_whether_it_moves_or_not() -> None:
    lost = threading.Event()

    def require_claim() -> None:
        if lost.is_set():
            raise ClaimLost("movie 7 belongs to another run now")

    for rest in ("while True: pass", "time.sleep(600)"):
        lost.clear()
        with supervised(require_claim):
            lines = process.lines(python(_SAYS_ITS_NUMBER + rest), timeout_seconds=600, stderr=deque())
            pid = int(next(lines))
            lost.set()
            with pytest.raises(ClaimLost, match="movie 7"):
                next(lines)
        assert not psutil.pid_exists(pid)


def test_work_that_is_over_is_asked_for_no_more() -> None:
    def never() -> None:
        raise ClaimLost("too late")

    with supervised(never):
        pass
    process.run(python("import time; time.sleep(2)"), timeout_seconds=60)


def test_a_limit_still_speaks_for_a_program_that_moves() -> None:
    with pytest.raises(EncoderFailed, match="longer than 2 s"):
        process.run(python("while True: print('x' * 1000)"), timeout_seconds=2)


def test_time_in_which_all_were_stopped_is_not_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a machine sleeps: the clock jumps, and nothing moved."""
    real, jump = time.monotonic, 3600.0
    began = real()
    monkeypatch.setattr(process, "bounds", lambda: replace(bounds(), stall_seconds=30))
    monkeypatch.setattr(
        "nightreel.media.programs.supervision.time.monotonic",
        lambda: real() + (jump if real() - began > 1.5 else 0),
    )
    process.run(python("import time; time.sleep(4)"), timeout_seconds=10_000)
