"""Signals while the stack starts and stops: none of them may leave a process behind."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_Handler = Callable[[int, FrameType | None], Any] | int | None


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _note(number: int, frame: FrameType | None) -> None:
    return None


@contextmanager
def every_ending_is_an_interrupt() -> Iterator[None]:
    """A closed terminal and a plain kill stop the stack like Ctrl-C.

    So does an interrupt that was ignored, as it is in what a script starts in the background.
    """
    with _handling(_ENDING, _interrupt):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keeps a second Ctrl-C from cutting short an orderly stop."""
    with _handling(_ENDING, _note):
        yield


@contextmanager
def _handling(numbers: tuple[signal.Signals, ...], handler: _Handler) -> Iterator[None]:
    # Python allows handlers only in the main thread, which receives the signals anyway.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
