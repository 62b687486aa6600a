"""Where the segments of HLS streams are: one folder each, with a name that nobody can guess.

Next to each folder is its lease, a file. The encoding process holds a lock on it, which ends with the
process in any case. So other processes can tell leftovers from folders in use. The lease's modification
time is the time of the last request, whichever process answered it.
"""

import fcntl
import os
import re
import shutil
import time
from pathlib import Path
from secrets import token_hex
from typing import Self

_NAME = re.compile(r"[0-9a-f]{32}")
_FILE = re.compile(r"index\.m3u8|[0-9]{6,}\.ts")
_LEASE = ".lease"

_CLOSED = -1


class StreamFolder:
    """The folder of one stream that this process encodes."""

    def __init__(self, path: Path, lease: int) -> None:
        self.path = path
        self._lease = lease

    @classmethod
    def create(cls, area: Path) -> Self:
        """An empty folder, in the area of this installation. Raises OSError."""
        area.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = area / token_hex(16)
        lease = os.open(_lease_of(path), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.mkdir(mode=0o700)
        return cls(path, lease)

    @property
    def name(self) -> str:
        """The stream's id."""
        return self.path.name

    def idle_seconds(self) -> float:
        """Seconds since the last request for one of its files."""
        return time.time() - os.fstat(self._lease).st_mtime

    def asked_for(self) -> None:
        """Restarts its idle time."""
        os.utime(self._lease)

    def remove(self) -> None:
        """Removes the folder with everything in it; safe to repeat."""
        shutil.rmtree(self.path, ignore_errors=True)
        _lease_of(self.path).unlink(missing_ok=True)
        lease, self._lease = self._lease, _CLOSED
        # At a second call, the descriptor may belong to another file.
        if lease != _CLOSED:
            os.close(lease)


def stream_file(area: Path, folder: str, filename: str) -> bytes | None:
    """A stream's playlist or segment; restarts its idle time. None if there is none with this name."""
    if not _NAME.fullmatch(folder) or not _FILE.fullmatch(filename):
        return None
    path = area / folder
    try:
        os.utime(_lease_of(path))
        return (path / filename).read_bytes()
    except FileNotFoundError:
        return None


def remove_leftovers(area: Path) -> None:
    """Removes the folders of processes that ended without doing so."""
    if not area.is_dir():
        return
    for path in [path for path in area.iterdir() if _NAME.fullmatch(path.stem)]:
        folder = path.with_suffix("")
        if not _is_leased(folder):
            shutil.rmtree(folder, ignore_errors=True)
            _lease_of(folder).unlink(missing_ok=True)


def _is_leased(folder: Path) -> bool:
    """Whether a living process holds the folder's lease."""
    try:
        lease = os.open(_lease_of(folder), os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lease)
    return False


def _lease_of(folder: Path) -> Path:
    return folder.with_suffix(_LEASE)
