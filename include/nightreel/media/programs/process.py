"""Runs one media program as a child: in a sandbox, with progress, limits, and the end of its stderr.

The child heads its own process group, which is killed as a whole. The kernel kills it when its parent dies,
because a task that is killed outright cannot do so itself.
"""

import io
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from nightreel.errors import EncoderFailed, ProgramStalled
from nightreel.media.programs.bounds import bounds
from nightreel.media.programs.environment import clean_environment
from nightreel.media.programs.launch import Launched
from nightreel.media.programs.limits import Limits, ran_out_of_memory
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.supervision import Guard

STDERR_LINES = 30
_WARNING = "[warning]"
_READ_ENDED = "Error during demuxing"
_NOTHING_BUT_ITSELF = Sandbox()


@dataclass(frozen=True)
class Progress:
    """The progress of an encode: seconds of output written, and speed as a multiple of real time."""

    seconds: float
    speed: float

    def percent(self, total_seconds: float) -> float:
        """The percentage of an output of this length; 0 to 100."""
        return min(100.0, 100.0 * self.seconds / total_seconds) if total_seconds > 0 else 100.0

    def remaining_seconds(self, total_seconds: float) -> float | None:
        """Estimated seconds of wall time left; None before the speed is known."""
        return max(0.0, total_seconds - self.seconds) / self.speed if self.speed > 0 else None


@dataclass(frozen=True)
class Finished:
    """One program that ran as a child of this process.

    Times in seconds since the epoch; processor time in seconds, in steps of 10 ms.
    """

    program: str
    began: float
    ended: float
    cpu_seconds: float


finished: deque[Finished] = deque(maxlen=1000)
"""The programs that ended most recently, for any reason; the last one last."""


def run(
    command: Sequence[str],
    *,
    timeout_seconds: float,
    sandbox: Sandbox = _NOTHING_BUT_ITSELF,
    on_progress: Callable[[Progress], None] | None = None,
    on_stderr: Callable[[str], None] | None = None,
    memory_bytes: int | None = None,
    pass_fds: Sequence[int] = (),
) -> str:
    """Run to the end; returns the last lines of stderr (empty if there are none).

    `sandbox` has the files that it may read and write. `on_progress` is called for each block that
    FFmpeg's `-progress pipe:1` writes, and `on_stderr`, from another thread, for each line of stderr.
    Lines that FFmpeg marks as warnings (`-loglevel level+warning`) only go there: they would bury the one
    that explains a failure. `memory_bytes` is the address space that the program may use, 0 for no limit;
    the default is NIGHTREEL_CHILD_MEMORY_BYTES. The program keeps the descriptors `pass_fds` open. Raises
    EncoderFailed when the program exits non-zero, is killed, or exceeds a limit, ProgramStalled when it
    made no progress for NIGHTREEL_STALL_SECONDS, and whatever ended work inside `supervised`.
    """
    tail: deque[str] = deque(maxlen=STDERR_LINES)

    def keep(line: str) -> None:
        if on_stderr is not None:
            on_stderr(line)
        if _WARNING not in line:
            tail.append(line)

    limits = Limits.for_child(timeout_seconds, memory_bytes)
    with _child(command, sandbox, timeout_seconds, limits, keep, pass_fds) as child:
        latest = None
        for progress in _progress_blocks(child.stdout):
            if progress != latest:
                child.guard.heard()
            latest = progress
            if on_progress is not None:
                on_progress(progress)
        code = child.finish()
    said = "\n".join(tail)
    _judge(_program(command), code, said, limits, child)
    # FFmpeg exits with 0 when it cannot read its input to the end.
    if (code or _READ_ENDED in said) and limits.memory_bytes and ran_out_of_memory(said):
        raise EncoderFailed(
            f"{_program(command)} needed more memory than the {limits.memory_bytes} bytes that "
            f"NIGHTREEL_CHILD_MEMORY_BYTES allows; it said: {said}"
        )
    if code != 0:
        raise EncoderFailed(f"{_program(command)} ended with exit code {code}; it said: {said}")
    return said


def lines(
    command: Sequence[str],
    *,
    timeout_seconds: float,
    stderr: deque[str],
    sandbox: Sandbox = _NOTHING_BUT_ITSELF,
) -> Iterator[str]:
    """Yield stdout line by line, so that memory does not grow with the output.

    `stderr` gets the child's last messages. Exit codes are not judged here: ffprobe exits with 0 on files
    that it could only read in part. Raises EncoderFailed beyond a limit and when the program was killed,
    and otherwise as `run` does.
    """
    limits = Limits.for_child(timeout_seconds)
    with _child(command, sandbox, timeout_seconds, limits, stderr.append) as child:
        for line in child.stdout:
            child.guard.heard()
            yield line.rstrip("\n")
        code = child.finish()
    _judge(_program(command), code, "\n".join(stderr), limits, child)


class _Child:
    """A running program, with those who listen to it and watch it."""

    def __init__(self, launched: Launched, guard: Guard, hear: Callable[[str], None]) -> None:
        process = launched.process
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 - pipes
        self.guard = guard
        self.stdout = io.TextIOWrapper(process.stdout, "utf-8", errors="replace")
        self._stderr = io.TextIOWrapper(process.stderr, "utf-8", errors="replace")
        self._launched = launched
        self._hear = hear
        self._reader = threading.Thread(target=self._listen, name="stderr", daemon=True)
        self._reader.start()

    def finish(self) -> int:
        """Waits for its end; returns its exit code. Raises what ended the work."""
        self.guard.close()
        self._reader.join()
        if self.guard.called_off is not None:
            raise self.guard.called_off
        return self._launched.reap()

    def end(self) -> None:
        """Kills it if it is still running, and closes its pipes."""
        self._launched.kill()
        self.guard.close()
        self._launched.reap()
        self._reader.join()
        self.stdout.close()
        self._stderr.close()

    def _listen(self) -> None:
        for line in self._stderr:
            self.guard.heard()
            if line.strip():
                self._hear(line.rstrip())


@contextmanager
def _child(
    command: Sequence[str],
    sandbox: Sandbox,
    timeout_seconds: float,
    limits: Limits,
    hear: Callable[[str], None],
    pass_fds: Sequence[int] = (),
) -> Iterator[_Child]:
    began = time.time()
    # SVT-AV1 has no other way to make it log only errors.
    environment = clean_environment(SVT_LOG="1")
    launched = Launched(command, sandbox=sandbox, environment=environment, pass_fds=pass_fds)
    child = _Child(launched, Guard(launched, timeout_seconds, bounds().stall_seconds), hear)
    try:
        limits.impose(launched.process.pid)
        yield child
    finally:
        child.end()
        finished.append(Finished(_program(command), began, time.time(), launched.cpu_seconds))


def _judge(name: str, code: int, said: str, limits: Limits, child: _Child) -> None:
    """Raises EncoderFailed or ProgramStalled if the program was killed before it was done."""
    if child.guard.timed_out:
        seconds = child.guard.timeout_seconds
        raise EncoderFailed(f"{name} took longer than {seconds:.0f} s and was ended; it said: {said}")
    if child.guard.stalled:
        raise ProgramStalled(
            f"{name} made no progress for {child.guard.stall_seconds:.0f} s (NIGHTREEL_STALL_SECONDS) and "
            f"was ended; it said: {said}"
        )
    if code == -signal.SIGXCPU:
        raise EncoderFailed(f"{name} used more than {limits.cpu_seconds} s of CPU time; it said: {said}")
    if code < 0:
        raise EncoderFailed(f"{name} was killed by signal {-code}; it said: {said}")


def _program(command: Sequence[str]) -> str:
    return command[0].rsplit("/", 1)[-1]


def _progress_blocks(stdout: Iterable[str]) -> Iterator[Progress]:
    seconds = speed = 0.0
    for line in stdout:
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
