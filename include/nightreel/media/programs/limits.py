"""How much of the machine one media program may use: a hostile file must not exhaust it."""

import os
import resource
from dataclasses import dataclass

from nightreel.media.programs.bounds import bounds

_CPU_SECONDS_TO_SPARE = 60
_UNLIMITED = resource.RLIM_INFINITY


@dataclass(frozen=True)
class Limits:
    """`memory_bytes` is address space, 0 for no limit; `cpu_seconds` is the sum over all threads."""

    memory_bytes: int
    cpu_seconds: int

    @classmethod
    def for_child(cls, timeout_seconds: float, memory_bytes: int | None = None) -> "Limits":
        """Limits in proportion to the program's time; with None, memory as in the settings."""
        return cls(
            memory_bytes=bounds().memory_bytes if memory_bytes is None else memory_bytes,
            # The time limit comes first, unless the parent's clock stands still, as under SIGSTOP.
            cpu_seconds=int(timeout_seconds * (os.cpu_count() or 1)) + _CPU_SECONDS_TO_SPARE,
        )

    def impose(self, pid: int) -> None:
        """Limits a program that was just started, and what it starts. Never above the parent's own limits."""
        for kind, soft, hard in (
            (resource.RLIMIT_AS, self.memory_bytes or _UNLIMITED, self.memory_bytes or _UNLIMITED),
            # SIGXCPU at the first limit, which says what happened; SIGKILL at the second.
            (resource.RLIMIT_CPU, self.cpu_seconds, self.cpu_seconds + 5),
            # The core dump of a decoder would fill the disk, and contain the film.
            (resource.RLIMIT_CORE, 0, 0),
        ):
            try:
                _, allowed = resource.prlimit(pid, kind)
                resource.prlimit(pid, kind, (_smaller(soft, allowed), _smaller(hard, allowed)))
            except ProcessLookupError:
                return  # it has ended already


def _smaller(amount: int, allowed: int) -> int:
    if _UNLIMITED in (amount, allowed):
        return allowed if amount == _UNLIMITED else amount
    return min(amount, allowed)


def ran_out_of_memory(said: str) -> bool:
    """Whether a program's last messages say that it was refused memory."""
    return any(word in said for word in ("Cannot allocate memory", "MemoryError", "std::bad_alloc"))
