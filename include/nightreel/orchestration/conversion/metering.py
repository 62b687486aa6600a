"""What a step costs: time, CPU and memory, its own and its programs'."""

import logging
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from nightreel.errors import NightreelError
from nightreel.media.programs import process

if TYPE_CHECKING:
    from nightreel.orchestration.conversion.session import Conversion

log = logging.getLogger(__name__)


@dataclass
class Part:
    """What one kind of work within a step cost in all: seconds, CPU of its Python and of its programs."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    child_cpu_seconds: float = 0.0


@contextmanager
def part(parts: dict[str, Part], name: str) -> Iterator[None]:
    """Adds to a step's parts what this block costs. Blocks of a step must not overlap."""
    began, own, children = time.monotonic(), _usage(), _usage(resource.RUSAGE_CHILDREN)
    try:
        yield
    finally:
        spent = parts.setdefault(name, Part())
        spent.seconds += time.monotonic() - began
        spent.cpu_seconds += _cpu(_usage()) - _cpu(own)
        spent.child_cpu_seconds += _cpu(_usage(resource.RUSAGE_CHILDREN)) - _cpu(children)


@contextmanager
def metered(conversion: "Conversion", step: str) -> Iterator[None]:
    """Records when the step and its programs ran, CPU seconds (its own and theirs), peak memory, parts."""
    started = time.time()
    began, own, children = time.monotonic(), _usage(), _usage(resource.RUSAGE_CHILDREN)
    try:
        yield
    finally:
        own_after, children_after = _usage(), _usage(resource.RUSAGE_CHILDREN)
        _record_timings(
            conversion,
            {
                step: {
                    "began": round(started, 3),
                    "seconds": round(time.monotonic() - began, 3),
                    "cpu_seconds": round(_cpu(own_after) - _cpu(own), 3),
                    "child_cpu_seconds": round(_cpu(children_after) - _cpu(children), 3),
                    # Linux counts resident memory in KiB.
                    "peak_bytes": own_after.ru_maxrss * 1024,
                    "child_peak_bytes": children_after.ru_maxrss * 1024,
                    "parts": {name: _rounded(spent) for name, spent in conversion.parts.items()},
                    "programs": [
                        asdict(program) for program in tuple(process.finished) if program.began >= started
                    ],
                }
            },
        )


def _rounded(spent: Part) -> dict[str, float]:
    return {name: round(value, 3) for name, value in asdict(spent).items()}


def _record_timings(conversion: "Conversion", timings: dict[str, Any]) -> None:
    """What a step cost is worth no failure, and must not hide the one that ended the step."""
    try:
        conversion.catalog.leases.record_timings(conversion.claim, timings)
    except NightreelError as error:
        log.warning("what the step cost could not be recorded: %s", error)


def _usage(who: int = resource.RUSAGE_SELF) -> resource.struct_rusage:
    return resource.getrusage(who)


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime
