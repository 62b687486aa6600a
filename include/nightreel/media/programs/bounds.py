"""The limits of media programs, from the settings. Nothing else in `media` reads settings.

Programs are started deep inside the code, and a forgotten argument must not lift a limit from a hostile file.
"""

from dataclasses import dataclass
from pathlib import Path

from nightreel.settings import settings


@dataclass(frozen=True)
class Bounds:
    """`memory_bytes` is address space, 0 for no limit; programs may read libraries in `folders`."""

    memory_bytes: int
    stall_seconds: float
    folders: tuple[Path, ...]


def bounds() -> Bounds:
    """The limits for this process. Raises ConfigurationError naming each wrong variable."""
    said = settings()
    return Bounds(
        memory_bytes=said.child_memory_bytes,
        stall_seconds=said.stall_seconds,
        folders=tuple(Path(folder) for folder in said.program_folders),
    )
