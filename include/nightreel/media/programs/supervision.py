"""Guards a running program: its time, whether it makes progress, and whether it is still wanted."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from os import sysconf
from pathlib import Path

from nightreel.media.programs.launch import Launched

GoOn = Callable[[], None]
"""Asked every second; raises once the work is not wanted any more."""

_LOOK_SECONDS = 1.0
_LEAST_CPU_SECONDS = 1.0
"""Of processor time within the time of a stall: a program that only says that it waits uses less."""
_go_on: ContextVar[GoOn | None] = ContextVar("go_on", default=None)


@contextmanager
def supervised(go_on: GoOn) -> Iterator[None]:
    """Every program that this thread runs within is ended once `go_on` raises, which is raised there."""
    before = _go_on.set(go_on)
    try:
        yield
    finally:
        _go_on.reset(before)


class Guard:
    """Looks at one program every second until it ends, and ends it when it must not go on.

    It makes progress when it says something new (`heard`), or uses the CPU. A program that is
    stopped, or waits for a disk or a device for ever, does neither.
    """

    def __init__(self, launched: Launched, timeout_seconds: float, stall_seconds: float) -> None:
        self.timed_out = False
        self.stalled = False
        self.called_off: BaseException | None = None
        self._launched = launched
        self.timeout_seconds = timeout_seconds
        self.stall_seconds = stall_seconds
        self._least_cpu = min(_LEAST_CPU_SECONDS, stall_seconds / 100)
        self._heard = False
        self._thread = threading.Thread(target=self._look, args=(_go_on.get(),), name="guard", daemon=True)
        self._thread.start()

    def heard(self) -> None:
        """It said something new."""
        self._heard = True

    def close(self) -> None:
        """Returns once the program has ended and is no longer watched."""
        self._launched.ended.wait()
        self._thread.join()

    def _look(self, go_on: GoOn | None) -> None:
        interval = min(_LOOK_SECONDS, self.stall_seconds / 4)
        began = before = time.monotonic()
        still, cpu = 0.0, 0.0
        while not self._launched.ended.wait(interval):
            now = time.monotonic()
            # All may have been stopped, this process too: that time is not the program's.
            still += min(now - before, 2 * interval)
            before = now
            used = self._cpu_beyond(cpu)
            if self._heard or used - cpu >= self._least_cpu:
                self._heard, still, cpu = False, 0.0, max(used, cpu)
            self.called_off = _reason_to_stop(go_on)
            self.timed_out = now - began >= self.timeout_seconds
            self.stalled = still >= self.stall_seconds
            if self.called_off or self.timed_out or self.stalled:
                self._launched.kill()
                return

    def _cpu_beyond(self, known: float) -> float:
        """Seconds of processor time that the program used; with its children's if that is no news."""
        pid = self._launched.process.pid
        own = _cpu_seconds(Path(f"/proc/{pid}/stat"), pid)
        if own - known >= self._least_cpu:
            return own
        # A wrapper only waits, and what it started works.
        return sum(_cpu_seconds(path, pid) for path in Path("/proc").glob("[0-9]*/stat"))


def _reason_to_stop(go_on: GoOn | None) -> BaseException | None:
    try:
        if go_on is not None:
            go_on()
    except Exception as reason:
        return reason
    return None


def _cpu_seconds(stat: Path, group: int) -> float:
    """Of one process (proc_pid_stat(5)), if it is of this group."""
    try:
        # The name before, in brackets, may itself hold anything.
        fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        belongs = int(fields[2]) == group
        return sum(map(int, fields[11:15])) / sysconf("SC_CLK_TCK") if belongs else 0.0
    except (OSError, ValueError, IndexError):
        return 0.0
