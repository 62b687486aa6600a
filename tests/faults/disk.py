"""File systems of their own, which can be filled without harm to anything else."""

import errno
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BLOCK = b"\0" * 1024**2
_AGAIN_SECONDS = 0.2


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[bool]:
    """Mounts one of `size` bytes at a folder; whether that could be done."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "nightreel-faults", str(folder)]
    mounted = (
        shutil.which("mount") is not None
        and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Keeps a disk full to its last byte, whatever is deleted there meanwhile."""
    filler, over = folder / ".filler", threading.Event()

    def keep_full() -> None:
        while not over.wait(_AGAIN_SECONDS):
            _fill(filler)

    _fill(filler)
    keeper = threading.Thread(target=keep_full, name="disk-filler", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        filler.unlink(missing_ok=True)


def _fill(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file:
        for block in (_BLOCK, _BLOCK[:4096]):
            try:
                while file.write(block):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
