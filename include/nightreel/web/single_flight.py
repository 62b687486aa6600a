"""One look-up for all callers: what is expensive is looked up once, however many clients watch."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Seen = TypeVar("Seen")

_LONGEST_REST_SECONDS = 10.0


@dataclass(frozen=True)
class _Kept(Generic[Seen]):
    seen: Seen
    until: float


class SingleFlight(Generic[Seen]):
    """Looks things up by name, in its own threads; keeps results for a while.

    Callers during a look-up share its result, or its error. Errors are not kept.

    Remembers at most `size` things, those requested last. `fresh_seconds` says how long a result is
    valid. A result is valid for at least `rest_factor` times as long as the look-up took, up to ten
    seconds, so that look-ups take only a small part of a busy machine's time.
    """

    def __init__(
        self,
        fresh_seconds: Callable[[Seen], float],
        *,
        rest_factor: float = 0.0,
        size: int = 512,
        threads: int = 4,
    ) -> None:
        self._fresh_seconds = fresh_seconds
        self._rest_factor = rest_factor
        self._size = size
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="look")
        self._lock = Lock()
        self._kept: OrderedDict[str, _Kept[Seen]] = OrderedDict()
        self._under_way: dict[str, Future[Seen]] = {}

    async def see(self, name: str, look: Callable[[], Seen]) -> Seen:
        """What `look` returns, now or recently. Never blocks the event loop."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None and time.monotonic() < kept.until:
                self._kept.move_to_end(name)
                return kept.seen
            future = self._under_way.get(name)
            if future is None:
                future = self._pool.submit(self._look, name, look)
                self._under_way[name] = future
        # Shielded, so that a client who leaves does not cancel the look-up for the others.
        return await asyncio.shield(asyncio.wrap_future(future))

    def forget(self, name: str) -> None:
        """Later callers look it up again, unless a look-up is in progress."""
        with self._lock:
            self._kept.pop(name, None)

    def _look(self, name: str, look: Callable[[], Seen]) -> Seen:
        began = time.monotonic()
        try:
            seen = look()
        except BaseException:
            with self._lock:
                del self._under_way[name]
            raise
        ended = time.monotonic()
        rest = min(self._rest_factor * (ended - began), _LONGEST_REST_SECONDS)
        until = ended + max(self._fresh_seconds(seen), rest)
        with self._lock:
            del self._under_way[name]
            self._kept[name] = _Kept(seen, until)
            self._kept.move_to_end(name)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return seen
