"""Limits how many streams are encoded at once."""

from nightreel.web.problems import Problem

_RETRY_SECONDS = "30"


class Slots:
    """As many slots as NIGHTREEL_STREAM_LIMIT allows, in this process."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: set[Slot] = set()

    def take(self) -> "Slot":
        """Takes a slot. Raises Problem 404 if streams are switched off, and 503 if all slots are taken."""
        if self._limit == 0:
            raise Problem(404, "No streams here", "Streams on the fly are switched off.")
        if len(self._taken) >= self._limit:
            raise Problem(
                503,
                "Too many streams",
                f"{self._limit} streams are running, which is the limit. Try again later.",
                headers={"Retry-After": _RETRY_SECONDS},
            )
        slot = Slot(self._taken)
        self._taken.add(slot)
        return slot


class Slot:
    """The right to one encoder, until it is released."""

    def __init__(self, taken: "set[Slot]") -> None:
        self._taken = taken

    def release(self) -> None:
        """Returns the slot; safe to repeat."""
        self._taken.discard(self)
