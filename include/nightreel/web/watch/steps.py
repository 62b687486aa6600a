"""The steps of an attempt, as bars over its time. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One step: its name, its seconds, and its bar's position and width (as shares)."""

    name: str
    seconds: float
    offset: float
    share: float


def steps_of(timings: Mapping[str, Any]) -> tuple[Step, ...]:
    """The timed steps of an attempt, in the order in which they started; of several tries, the last."""
    timed = sorted(
        (float(entry["began"]), float(entry["seconds"]), name)
        for name, entry in timings.items()
        if isinstance(entry, Mapping) and {"began", "seconds"} <= entry.keys()
    )
    if not timed:
        return ()
    first = timed[0][0]
    whole = max(began + seconds for began, seconds, _ in timed) - first or 1.0
    return tuple(
        Step(name, seconds, (began - first) / whole, seconds / whole) for began, seconds, name in timed
    )
