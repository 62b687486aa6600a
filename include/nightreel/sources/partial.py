"""What has been received of a source so far, and what is needed to continue after a break."""

import fcntl
import hashlib
import os
from io import FileIO
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

_PIECE_BYTES = 1 << 20


class Validator(BaseModel):
    """The version that the bytes belong to: an object, and its strong ETag. `size` in bytes, if known."""

    model_config = ConfigDict(frozen=True)

    key_or_url: str
    etag: str
    size: int | None


class Partial:
    """A growing file with its digest. As a context manager it closes the file and leaves it there.

    With a validator it can be continued by this process or another, one at a time. A try that was
    presumed dead but still lives does no harm: it has a file of its own.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._file = _locked(path)
        self._record = self._path.with_name(f"{self._path.name}.json")
        self.validator: Validator | None = None
        self.size = 0
        self._digests = _digests()
        self._take_up()

    @property
    def sha256(self) -> str:
        """Of the bytes written so far, in hex."""
        return self._digests[0].hexdigest()

    @property
    def md5(self) -> str:
        """What S3 uses as the ETag of an object that was uploaded in one piece."""
        return self._digests[1].hexdigest()

    def write(self, piece: bytes) -> None:
        """Adds to the file. Raises OSError, as when the disk is full."""
        rest = memoryview(piece)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._count(piece)

    def begin(self, validator: Validator | None) -> None:
        """Starts over. Without a validator, the new bytes cannot be continued later."""
        self._record.unlink(missing_ok=True)
        self._file.seek(0)
        self._file.truncate()
        self.size, self._digests, self.validator = 0, _digests(), validator
        if validator is not None:
            self._record.write_text(validator.model_dump_json())

    def move_to(self, destination: Path) -> None:
        """Moves the complete file to its place; nothing else is left."""
        self._file.close()
        self._path.replace(destination)
        self._record.unlink(missing_ok=True)

    def discard(self) -> None:
        """Deletes it."""
        self._file.close()
        self._path.unlink(missing_ok=True)
        self._record.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _take_up(self) -> None:
        try:
            self.validator = Validator.model_validate_json(self._record.read_text())
        except (FileNotFoundError, ValidationError):
            self.begin(None)
            return
        with self._path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                self._count(piece)

    def _count(self, piece: bytes) -> None:
        for digest in self._digests:
            digest.update(piece)
        self.size += len(piece)


def _digests() -> tuple["hashlib._Hash", "hashlib._Hash"]:
    return hashlib.sha256(), hashlib.md5(usedforsecurity=False)


def _locked(path: Path) -> tuple[Path, FileIO]:
    """The file, or another beside it if a process holds that one or the file system knows no locks."""
    while True:
        # Unbuffered, so that the write that fills the disk reports it.
        file = path.open("ab", buffering=0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            path = path.with_name(f"{path.name}.{token_hex(4)}")
            return path, path.open("ab", buffering=0)
        if _is_at(path, file):
            return path, file
        # The process that held it has finished and moved it to its place.
        file.close()


def _is_at(path: Path, file: FileIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
