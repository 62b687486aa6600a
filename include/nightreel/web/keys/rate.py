"""How often one client may ask for a title's keys."""

import math
import time

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from nightreel.title import Title
from nightreel.web.problems import Problem


class KeyRate:
    """Requests per minute, client and title, counted in this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, request: Request, title: Title, per_minute: int) -> None:
        """Raises Problem 429 for one too many."""
        limit = RateLimitItemPerMinute(per_minute)
        client = request.client.host if request.client else ""
        if self._limiter.hit(limit, client, str(title)):
            return
        free_at = self._limiter.get_window_stats(limit, client, str(title)).reset_time
        raise Problem(
            429,
            "Too many requests",
            f"A client may ask for the keys of a title {per_minute} times a minute.",
            headers={"Retry-After": str(max(1, math.ceil(free_at - time.time())))},
        )
