"""The machine's facts, without which no figure can be compared."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from nightreel.media.programs.binaries import Binaries

_CPU = "model name"


@dataclass(frozen=True)
class Machine:
    """`load` is its load average when the bench began; memory in bytes."""

    system: str
    processor: str
    cores: int
    memory_bytes: int
    load: float
    tools: tuple[str, ...]

    @classmethod
    def here(cls, load: float, binaries: Binaries) -> Self:
        """This machine."""
        return cls(
            system=platform.platform(),
            processor=_processor(),
            cores=len(os.sched_getaffinity(0)),
            memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            load=load,
            tools=tuple(binaries.versions().values()),
        )

    def __str__(self) -> str:
        return (
            f"{self.cores} cores of {self.processor}, {self.memory_bytes / 1024**3:.0f} GiB, {self.system}; "
            f"load {self.load:.1f} at the start; {'; '.join(self.tools)}"
        )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(_CPU)), "unknown")
