"""What the settings say about media programs. The only place in `media` that reads them:

a program is started deep inside, and a forgotten argument must not lift a limit from a hostile file.
"""

from dataclasses import dataclass
from pathlib import Path

from nightreel.settings import settings


@dataclass(frozen=True)
class Bounds:
    """`memory_bytes` is address space, 0 for no limit; `folders` have libraries that programs may read."""

    memory_bytes: int
    stall_seconds: float
    folders: tuple[Path, ...]


def bounds() -> Bounds:
    """As this process was set up. Raises ConfigurationError naming each wrong variable."""
    said = settings()
    return Bounds(
        memory_bytes=said.child_memory_bytes,
        stall_seconds=said.stall_seconds,
        folders=tuple(Path(folder) for folder in said.program_folders),
    )
