"""What the packaging of every track of a title has in common."""

from dataclasses import dataclass
from pathlib import Path

from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries
from nightreel.vocabulary.protection import Protection


@dataclass(frozen=True)
class Packaging:
    """Tracks of `plan` are written into `directory`.

    `timeout_seconds` is the limit of each program. `protection` has the key of an encrypted plan,
    and is None for a clear one.
    """

    plan: Plan
    directory: Path
    binaries: Binaries
    timeout_seconds: float
    protection: Protection | None = None
