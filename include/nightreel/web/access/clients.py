"""Who asks, and how often in a minute: rate limits per client."""

import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock

from fastapi import Request

from nightreel.web.problems import Problem

_WINDOW_SECONDS = 60.0
_MOST = 10_000
_NETWORK_BITS = 64
"""The smallest network that a subscriber of IPv6 gets (RFC 6177): its addresses count as one client."""
_UNKNOWN_LENGTH = 64


@dataclass
class _Window:
    ends: float
    count: int = 0


class Windows:
    """Counts per client and minute, in this process, for the `most` clients seen last.

    Safe to share between threads.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    def add(self, who: str, count: int) -> int:
        """Adds or subtracts; returns the new count, never below zero."""
        with self._lock:
            window = self._window(who)
            window.count = max(0, window.count + count)
            return window.count

    def too_many(self, who: str, title: str, detail: str) -> Problem:
        """Problem 429, with the seconds until the count starts again from zero."""
        with self._lock:
            seconds = self._window(who).ends - time.monotonic()
        return Problem(429, title, detail, headers={"Retry-After": str(max(1, math.ceil(seconds)))})

    def _window(self, who: str) -> _Window:
        now = time.monotonic()
        window = self._windows.get(who)
        if window is None or window.ends <= now:
            window = self._windows[who] = _Window(now + _WINDOW_SECONDS)
        self._windows.move_to_end(who)
        while len(self._windows) > self._most:
            self._windows.popitem(last=False)
        return window


def client_of(request: Request) -> str:
    """What counts as one client: an IPv4 address, or an IPv6 network.

    It is the connection's address, or the one that the proxies of NIGHTREEL_WEB_PROXIES report.
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host[:_UNKNOWN_LENGTH]
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> _NETWORK_BITS << _NETWORK_BITS))
