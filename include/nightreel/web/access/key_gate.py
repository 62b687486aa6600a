"""Tells wrong API keys from right ones without a catalog query for each.

The digests of all valid keys are kept here. A key among them is looked up at once, in a thread.
Any other key waits, without a thread, for one query that all waiting keys share. So a flood of
wrong keys costs one query at a time, and does not hold up the right ones.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from nightreel.catalog.api_keys import fingerprint
from nightreel.web.access.clients import Windows

Fingerprints = frozenset[str]

_OLD_SECONDS = 5.0
"""A new key is found within this time, even if its client has sent too many wrong ones."""


class KeyGate:
    """`look` returns the digests of all valid keys. Safe to share between threads and event loops."""

    def __init__(self, look: Callable[[], Fingerprints], wrong_per_minute: int) -> None:
        self._look = look
        self._wrong_per_minute = wrong_per_minute
        self._wrong = Windows()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="keys")
        self._lock = Lock()
        self._known: Fingerprints = frozenset()
        self._waiting: Future[Fingerprints] | None = None
        self._seen_at = self._rests_until = 0.0

    async def lets_in(self, text: str, client: str) -> bool:
        """Whether this is the text of a key that is valid, or was until recently.

        Raises Problem 429 when this client has sent too many wrong ones, and what `look` raises.
        """
        mark = fingerprint(text)
        if mark in self._known:
            return True
        admitted = self._wrong.add(client, 1) <= self._wrong_per_minute
        # The client may be a proxy with many people behind it: their new keys must still be found.
        if mark is not None and (admitted or time.monotonic() - self._seen_at > _OLD_SECONDS):
            # Shielded, so that a client who leaves does not cancel the query for the others.
            found = await asyncio.shield(asyncio.wrap_future(self._next_look()))
            if mark in found:
                self._wrong.add(client, -1)
                return True
        if not admitted:
            most = f"A client may try {self._wrong_per_minute} wrong keys a minute."
            raise self._wrong.too_many(
                client, "Too many wrong keys", f"{most} A right one is always accepted."
            )
        return False

    def forget(self, text: str) -> None:
        """From now on the key with this text is a wrong one."""
        with self._lock:
            self._known -= {fingerprint(text) or ""}

    def _next_look(self) -> Future[Fingerprints]:
        """The next query: one that has already begun may miss a key that was just made."""
        with self._lock:
            if self._waiting is None:
                self._waiting = self._pool.submit(self._look_once)
            return self._waiting

    def _look_once(self) -> Fingerprints:
        # Queries take at most half of the time, however many clients ask.
        time.sleep(max(0.0, self._rests_until - time.monotonic()))
        with self._lock:
            self._waiting = None
        began = time.monotonic()
        try:
            found = self._look()
            with self._lock:
                self._known, self._seen_at = found, began
        finally:
            ended = time.monotonic()
            self._rests_until = ended + min(ended - began, 1.0)
        return found
