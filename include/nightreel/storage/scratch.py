"""Local temporary folders that no dead process leaves behind for long.

A folder is removed when its owner closes it. If the owner was killed, the next process that asks for
a folder removes it: the lock that the kernel held for the owner is free.
"""

import contextlib
import fcntl
import shutil
import tempfile
import time
from pathlib import Path
from typing import Self

_PREFIX = "nightreel-work-"
_LOCK = ".lock"
_SETTLED_SECONDS = 60
"""Younger folders are left alone: their owner may not have locked them yet."""


class ScratchFolder:
    """A folder of this process under the system's temporary directory; a context manager."""

    def __init__(self) -> None:
        _remove_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = (self.path / _LOCK).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Removes it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _remove_abandoned() -> None:
    for lock_path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        # It may be another user's folder, or one that another process is removing.
        with contextlib.suppress(OSError), lock_path.open("r") as lock:
            if time.time() - lock_path.stat().st_mtime < _SETTLED_SECONDS:
                continue
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock_path.parent, ignore_errors=True)
