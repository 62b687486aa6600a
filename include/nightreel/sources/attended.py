"""Reads an object of the bucket in a separate thread, so that the caller can act while no data arrives."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Any

from nightreel.sources.destinations import GoOn
from nightreel.storage.objects import OpenObject

_PIECES_AHEAD = 4
_LOOK_SECONDS = 1.0
_END = object()


@dataclass(frozen=True)
class _Failed:
    error: BaseException


@contextlib.contextmanager
def attended(
    open_object: Callable[[], AbstractContextManager[OpenObject | None]], go_on: GoOn
) -> Iterator[OpenObject | None]:
    """The object that `open_object` opens. `go_on` is called once a second; if it raises, the wait ends.

    A thread that is still waiting then ends when the client times out, and holds up no process.
    """
    queue: Queue[Any] = Queue(_PIECES_AHEAD)
    over = threading.Event()

    def put(item: object) -> bool:
        while not over.is_set():
            with contextlib.suppress(Full):
                queue.put(item, timeout=_LOOK_SECONDS)
                return True
        return False

    def read() -> None:
        try:
            with open_object() as found:
                wanted = put(found)
                for piece in found.pieces if found is not None else ():
                    wanted = wanted and put(piece)
                    if not wanted:
                        return
            put(_END)
        except BaseException as error:
            put(_Failed(error))

    def take() -> Any:
        while True:
            go_on()
            with contextlib.suppress(Empty):
                item = queue.get(timeout=_LOOK_SECONDS)
                if isinstance(item, _Failed):
                    raise item.error
                return item

    threading.Thread(target=read, name="source-object", daemon=True).start()
    try:
        found = take()
        yield None if found is None else OpenObject(found.info, iter(take, _END))
    finally:
        over.set()
