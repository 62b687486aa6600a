"""How many wrong API keys one client may send per minute."""

import math

from nightreel.web.access.clients import Windows
from nightreel.web.problems import Problem


class WrongKeys:
    """Counts in this process, in windows of a minute, for the clients that were seen last."""

    def __init__(self, per_window: int, windows: Windows | None = None) -> None:
        self._per_window = per_window
        self._windows = Windows() if windows is None else windows

    def count(self, client: str) -> bool:
        """One more of this client; False when that is one too many."""
        return self._windows.add(client, 1) <= self._per_window

    def forgive(self, client: str) -> None:
        """Takes one back that turned out to be right."""
        self._windows.add(client, -1)

    def problem(self, client: str) -> Problem:
        """The answer to a client that sent too many."""
        seconds = self._windows.seconds_left(client)
        return Problem(
            429,
            "Too many wrong keys",
            f"A client may try {self._per_window} wrong keys a minute. A right one is always accepted.",
            headers={"Retry-After": str(max(1, math.ceil(seconds)))},
        )
