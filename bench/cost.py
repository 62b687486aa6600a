"""The cost of programs that run alone."""

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass

from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox

_LIMIT_SECONDS = 4 * 3600.0


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and seconds of processor time in user and system mode."""

    wall_seconds: float
    cpu_seconds: float


def run_in_sequence(commands: Sequence[Sequence[str]], sandbox: Sandbox) -> Cost:
    """Runs each command to its end, one after another, in one sandbox. Raises EncoderFailed.

    This process must have no other children that end meanwhile, because the kernel adds up all of them.
    """
    began, before = time.monotonic(), _children_cpu()
    for command in commands:
        process.run(command, timeout_seconds=_LIMIT_SECONDS, sandbox=sandbox)
    return Cost(time.monotonic() - began, _children_cpu() - before)


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
