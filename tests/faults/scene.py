"""What a fault has before it: the stack, and the library whose titles are in work."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tests.faults.library import Library
from tests.faults.stack import Ground

Found = TypeVar("Found")


@dataclass(frozen=True)
class Scene:
    """One seed's stack and library."""

    ground: Ground
    library: Library
    marked_runs: set[str] = field(default_factory=set)
    """Runs of which a person said how they ended, whatever they had done."""


def found_in_time(
    look: Callable[[], Found | None], seconds: float = 60.0, interval: float = 0.3
) -> Found | None:
    """What `look` finds as soon as it finds something; None after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(interval)
    return None
