"""How many wrong API keys one client may show in a while."""

import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock

from fastapi import Request

from nightreel.web.problems import Problem

_WINDOW_SECONDS = 60.0
_CLIENTS = 10_000
_NETWORK_BITS = 64
"""What one subscriber of IPv6 is given at least (RFC 6177): its addresses count as one."""
_UNKNOWN_LENGTH = 64


@dataclass
class _Window:
    ends: float
    wrong: int = 0


class WrongKeys:
    """Counts in this process, in windows of a minute, for the `clients` that were seen last."""

    def __init__(self, per_window: int, clients: int = _CLIENTS) -> None:
        self._per_window = per_window
        self._clients = clients
        self._lock = Lock()
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def count(self, client: str) -> bool:
        """One more of this client; False when that is one too many."""
        with self._lock:
            window = self._window(client)
            window.wrong += 1
            return window.wrong <= self._per_window

    def forgive(self, client: str) -> None:
        """Takes one back, which turned out to be right."""
        with self._lock:
            window = self._window(client)
            window.wrong = max(0, window.wrong - 1)

    def problem(self, client: str) -> Problem:
        """What a client is told that showed too many."""
        with self._lock:
            seconds = self._window(client).ends - time.monotonic()
        return Problem(
            429,
            "Too many wrong keys",
            f"A client may show {self._per_window} wrong keys a minute. A right one is always let in.",
            headers={"Retry-After": str(max(1, math.ceil(seconds)))},
        )

    def _window(self, client: str) -> _Window:
        now = time.monotonic()
        window = self._windows.get(client)
        if window is None or window.ends <= now:
            window = self._windows[client] = _Window(now + _WINDOW_SECONDS)
        self._windows.move_to_end(client)
        while len(self._windows) > self._clients:
            self._windows.popitem(last=False)
        return window


def client_of(request: Request) -> str:
    """Who counts as one: an address of IPv4, a network of IPv6.

    It is the address of the connection, or what the proxies of NIGHTREEL_WEB_PROXIES say it is.
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
