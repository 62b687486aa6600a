"""Runs one media program as a child: progress, limits, and the end of its stderr.

The child stays in this process's group, because Airflow ends a task by signalling the
group, and it is told to die with its parent, because a task that is killed outright
signals nobody.
"""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from nightreel.errors import EncoderFailed
from nightreel.media.programs.limits import Limits, ran_out_of_memory

STDERR_LINES = 30
_WARNING = "[warning]"
_READ_ENDED = "Error during demuxing"
# SVT-AV1 has no other way to be told to speak of errors alone.
_ENVIRONMENT = {"SVT_LOG": "1"}


@dataclass(frozen=True)
class Progress:
    """How far an encode is: seconds of output written, and speed as a multiple of real time."""

    seconds: float
    speed: float

    def percent(self, total_seconds: float) -> float:
        return min(100.0, 100.0 * self.seconds / total_seconds) if total_seconds > 0 else 100.0

    def remaining_seconds(self, total_seconds: float) -> float | None:
        """Estimated seconds of wall time left; None before the speed is known."""
        return max(0.0, total_seconds - self.seconds) / self.speed if self.speed > 0 else None


@dataclass(frozen=True)
class Finished:
    """One program that ran as a child of this process. Times in seconds since the epoch."""

    program: str
    began: float
    ended: float


finished: deque[Finished] = deque(maxlen=1000)
"""The latest programs that ended, however they ended; the last one last."""


def run(
    command: Sequence[str],
    *,
    timeout_seconds: float,
    on_progress: Callable[[Progress], None] | None = None,
    on_stderr: Callable[[str], None] | None = None,
    memory_bytes: int | None = None,
) -> str:
    """Run to the end; returns the last lines of stderr (empty when it said nothing).

    `on_progress` is called for each block that FFmpeg's `-progress pipe:1` writes, and
    `on_stderr` for each line of stderr, from a thread of its own. Lines that FFmpeg marks as
    warnings (`-loglevel level+warning`) go there alone: they would bury the one that
    explains a failure. `memory_bytes` is the address space that the program may have, 0 for
    no limit; by default as NIGHTREEL_CHILD_MEMORY_BYTES says.
    Raises EncoderFailed when the program exits non-zero, is killed, or passes a limit.
    """
    tail: deque[str] = deque(maxlen=STDERR_LINES)

    def hear(line: str) -> None:
        if on_stderr is not None:
            on_stderr(line)
        if _WARNING not in line:
            tail.append(line)

    limits = Limits.for_child(timeout_seconds, memory_bytes)
    with _child(command, timeout_seconds, limits) as (process, timed_out):
        reader = threading.Thread(target=_hear_stderr, args=(process, hear), daemon=True)
        reader.start()
        for progress in _progress_blocks(process):
            if on_progress is not None:
                on_progress(progress)
        code = process.wait()
        reader.join()
    said = "\n".join(tail)
    _judge(_program(command), code, said, limits, timeout_seconds if timed_out.is_set() else None)
    # FFmpeg exits 0 when it cannot read its input to the end.
    if (code or _READ_ENDED in said) and limits.memory_bytes and ran_out_of_memory(said):
        raise EncoderFailed(
            f"{_program(command)} needed more memory than the {limits.memory_bytes} bytes that "
            f"NIGHTREEL_CHILD_MEMORY_BYTES allows; it said: {said}"
        )
    if code != 0:
        raise EncoderFailed(f"{_program(command)} ended with exit code {code}; it said: {said}")
    return said


def lines(
    command: Sequence[str], *, timeout_seconds: float, stderr: deque[str], memory_bytes: int | None = None
) -> Iterator[str]:
    """Yield stdout line by line, so that memory does not grow with the output.

    `stderr` receives the child's last messages. An exit code is not judged here: ffprobe
    exits 0 on files that it could read only in part. Raises EncoderFailed past a limit, and
    when the program was killed.
    """
    limits = Limits.for_child(timeout_seconds, memory_bytes)
    with _child(command, timeout_seconds, limits) as (process, timed_out):
        reader = threading.Thread(target=_hear_stderr, args=(process, stderr.append), daemon=True)
        reader.start()
        assert process.stdout is not None  # noqa: S101 - opened with a pipe below
        for line in process.stdout:
            yield line.rstrip("\n")
        code = process.wait()
        reader.join()
    said = "\n".join(stderr)
    _judge(_program(command), code, said, limits, timeout_seconds if timed_out.is_set() else None)


def _judge(name: str, code: int, said: str, limits: Limits, timed_out_after: float | None) -> None:
    """Raises EncoderFailed for a program that was ended before it was done."""
    if timed_out_after is not None:
        raise EncoderFailed(f"{name} took longer than {timed_out_after:.0f} s and was ended; it said: {said}")
    if code == -signal.SIGXCPU:
        raise EncoderFailed(
            f"{name} used more than {limits.cpu_seconds} s of processor time; it said: {said}"
        )
    if code < 0:
        raise EncoderFailed(f"{name} was killed by signal {-code}; it said: {said}")


@contextmanager
def _child(
    command: Sequence[str], timeout_seconds: float, limits: Limits
) -> Iterator[tuple[subprocess.Popen[str], threading.Event]]:
    timed_out = threading.Event()
    began = time.time()
    process = subprocess.Popen(
        [*die_with_parent(), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | _ENVIRONMENT,
        text=True,
        errors="replace",
    )

    def expire() -> None:
        timed_out.set()
        process.kill()

    timer = threading.Timer(timeout_seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        limits.impose(process.pid)
        yield process, timed_out
    finally:
        timer.cancel()
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        finished.append(Finished(_program(command), began, time.time()))


def _program(command: Sequence[str]) -> str:
    return command[0].rsplit("/", 1)[-1]


def die_with_parent() -> list[str]:
    """What stands before a command, so that the program is killed when this process ends."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def _hear_stderr(process: subprocess.Popen[str], hear: Callable[[str], None]) -> None:
    assert process.stderr is not None  # noqa: S101 - opened with a pipe above
    for line in process.stderr:
        if line.strip():
            hear(line.rstrip())


def _progress_blocks(process: subprocess.Popen[str]) -> Iterator[Progress]:
    assert process.stdout is not None  # noqa: S101 - opened with a pipe above
    seconds = speed = 0.0
    for line in process.stdout:
        key, _, value = line.strip().partition("=")
        if key == "out_time_us" and value.lstrip("-").isdigit():
            seconds = max(0.0, int(value) / 1_000_000)
        elif key == "speed":
            speed = _number(value.rstrip("x"))
        elif key == "progress":
            yield Progress(seconds=seconds, speed=speed)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
