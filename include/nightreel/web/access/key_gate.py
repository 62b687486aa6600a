"""Tells wrong API keys from right ones without a catalog query for each.

The digests of all valid keys are kept here. A key among them goes on to be
looked up, in the threads of logins; any other waits, in no thread, for one look at the catalog
that all who wait share. So a flood of wrong keys costs one look at a time, and the right ones
go past it.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from nightreel.catalog.api_keys import fingerprint
from nightreel.web.access.wrong_keys import WrongKeys

Fingerprints = frozenset[str]

_OLD_SECONDS = 5.0
"""A client that showed too many wrong keys has a new one found within this time."""


class KeyGate:
    """Safe to share between threads and event loops. `look` returns what is stored of the keys in force."""

    def __init__(self, look: Callable[[], Fingerprints], wrong: WrongKeys) -> None:
        self._look = look
        self._wrong = wrong
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="keys")
        self._lock = Lock()
        self._known: Fingerprints = frozenset()
        self._waiting: Future[Fingerprints] | None = None
        self._seen_at = self._rests_until = 0.0

    async def lets_in(self, text: str, client: str) -> bool:
        """Whether this is the text of a key that is valid, or was recently.

        Raises Problem 429 for a wrong one too many of this client, and what `look` raises.
        """
        mark = fingerprint(text)
        if mark in self._known:
            return True
        admitted = self._wrong.count(client)
        # A client may be a proxy that many are behind: their new keys are found all the same.
        if mark is not None and (admitted or time.monotonic() - self._seen_at > _OLD_SECONDS):
            # Shielded, so that a client who leaves does not end the look of the others.
            found = await asyncio.shield(asyncio.wrap_future(self._next_look()))
            if mark in found:
                self._wrong.forgive(client)
                return True
        if not admitted:
            raise self._wrong.problem(client)
        return False

    def forget(self, text: str) -> None:
        """The key with this text is no longer valid: from now on it is a wrong one."""
        with self._lock:
            self._known -= {fingerprint(text) or ""}

    def _next_look(self) -> Future[Fingerprints]:
        """The look that begins after now: one that has begun may have missed a key that was just made."""
        with self._lock:
            if self._waiting is None:
                self._waiting = self._pool.submit(self._look_once)
            return self._waiting

    def _look_once(self) -> Fingerprints:
        # At most half of the time is spent in looking, however many ask.
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
