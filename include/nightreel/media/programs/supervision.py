"""Watches a running program: its time, its progress, and whether it is still wanted."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from nightreel.media.programs.launch import Launched
from nightreel.media.programs.processor_time import cpu_seconds

GoOn = Callable[[], None]
"""Called every second; raises once the work is no longer wanted."""

_LOOK_SECONDS = 1.0
_LEAST_CPU_SECONDS = 1.0
"""The least CPU time, within the stall limit, of a program that does more than report that it waits."""
_go_on: ContextVar[GoOn | None] = ContextVar("go_on", default=None)


@contextmanager
def supervised(go_on: GoOn) -> Iterator[None]:
    """Kills every program that this thread runs in the block once `go_on` raises, and passes on the error."""
    before = _go_on.set(go_on)
    try:
        yield
    finally:
        _go_on.reset(before)


class Guard:
    """Checks a program every second until it ends, and kills it when it must not continue.

    It makes progress when it reports something new (`heard`) or uses the CPU. A program that is stopped,
    or waits for a disk or a device for ever, does neither.
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
        """The program reported something new."""
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
            # This process may have been stopped as well: that time does not count.
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
        """CPU seconds that the program used; including its children's if its own have not grown."""
        pid = self._launched.process.pid
        own = cpu_seconds(Path(f"/proc/{pid}/stat"), pid)
        if own - known >= self._least_cpu:
            return own
        # A wrapper only waits for what it started.
        return sum(cpu_seconds(path, pid) for path in Path("/proc").glob("[0-9]*/stat"))


def _reason_to_stop(go_on: GoOn | None) -> BaseException | None:
    try:
        if go_on is not None:
            go_on()
    except Exception as reason:
        return reason
    return None
