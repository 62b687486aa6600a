"""How often one client may ask for a title's keys."""

import math

from fastapi import Request

from nightreel.vocabulary.title import Title
from nightreel.web.access.clients import Windows, client_of
from nightreel.web.problems import Problem


class KeyRate:
    """Requests per minute, client and title, counted in this process for those that were seen last."""

    def __init__(self, windows: Windows | None = None) -> None:
        self._windows = Windows() if windows is None else windows

    def count(self, request: Request, title: Title, per_minute: int) -> None:
        """Raises Problem 429 for one too many."""
        who = f"{client_of(request)} {title}"
        if self._windows.add(who, 1) <= per_minute:
            return
        raise Problem(
            429,
            "Too many requests",
            f"A client may ask for the keys of a title {per_minute} times a minute.",
            headers={"Retry-After": str(max(1, math.ceil(self._windows.seconds_left(who))))},
        )
