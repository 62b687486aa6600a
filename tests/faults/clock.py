"""A clock of its own for the stack's programs, where a C compiler is at hand."""

import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

_SOURCE = Path(__file__).with_name("clock.c")
_SETTING = struct.Struct("=q")


class Clock:
    """What is started with its variables has a time of day that is as many seconds off as it is told."""

    def __init__(self, library: Path, setting: Path) -> None:
        self._library = library
        self._setting = setting
        setting.write_bytes(_SETTING.pack(0))
        setting.chmod(0o644)

    @classmethod
    def built(cls, folder: Path) -> "Clock | None":
        """One whose parts lie in a folder. None where its library cannot be compiled."""
        library, compiler = folder / "clock.so", shutil.which("cc")
        if compiler is None:
            return None
        command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE)]
        subprocess.run(command, check=True, capture_output=True)
        return cls(library, folder / "clock.setting")

    @property
    def variables(self) -> Mapping[str, str]:
        return {"LD_PRELOAD": str(self._library), "NIGHTREEL_CLOCK": str(self._setting)}

    def set(self, seconds_off: float) -> None:
        """At once, for all that run."""
        with self._setting.open("r+b", buffering=0) as setting:
            setting.write(_SETTING.pack(round(seconds_off)))
