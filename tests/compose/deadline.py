"""A time by which a block must be done, whatever it waits for."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from types import FrameType

# pytest-timeout has SIGALRM.
_SIGNAL = signal.SIGUSR2


class TookTooLong(Exception):
    """The block was not done by then."""


@contextmanager
def at_most(seconds: float | None) -> Iterator[None]:
    """Raises TookTooLong in the block, which runs in the main thread, when its time is over."""
    if seconds is None:
        yield
        return

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise TookTooLong(f"it was not ready after {seconds:.0f} s")

    before = signal.signal(_SIGNAL, give_up)
    timer = Timer(seconds, os.kill, (os.getpid(), _SIGNAL))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        signal.signal(_SIGNAL, before)
