"""Which programs ran, and when, is remembered: a run's seconds are itemised by it."""

import sys
import time
from collections import deque

import pytest

from nightreel.errors import EncoderFailed
from nightreel.media.programs import process


@pytest.fixture(autouse=True)
def _none_yet() -> None:
    """Others that ran before in this process are forgotten: only so many are remembered."""
    process.finished.clear()


def test_a_program_is_remembered_with_when_it_ran() -> None:
    before = time.time()
    process.run([sys.executable, "-c", ""], timeout_seconds=60)
    last = process.finished[-1]
    assert last.program == sys.executable.rsplit("/", 1)[-1]
    assert before <= last.began <= last.ended <= time.time()


def test_a_program_that_is_read_line_by_line_is_remembered_once_it_ended() -> None:
    said: deque[str] = deque()
    program = "print('one'); print('two')"
    assert list(process.lines([sys.executable, "-c", program], timeout_seconds=60, stderr=said)) == [
        "one",
        "two",
    ]
    assert len(process.finished) == 1


def test_a_program_that_failed_is_remembered_too() -> None:
    with pytest.raises(EncoderFailed):
        process.run([sys.executable, "-c", "raise SystemExit(1)"], timeout_seconds=60)
    assert len(process.finished) == 1


def test_a_program_is_remembered_with_its_processor_time_and_that_of_what_it_waited_for() -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    process.run([sys.executable, "-c", parent], timeout_seconds=60)
    assert 0.3 <= process.finished[-1].cpu_seconds < 3.0
