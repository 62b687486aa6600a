"""The work area under a prefix in a bucket, for workers that share no disk."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Self

from pydantic import BaseModel, ConfigDict

from nightreel.errors import StorageUnavailable
from nightreel.storage.bucket import Bucket
from nightreel.storage.scratch import ScratchFolder
from nightreel.vocabulary.title import Title
from nightreel.workspace.area import WorkArea, checked, discard
from nightreel.workspace.names import folder_of

_TRANSFER_THREADS = 8
_OPAQUE = ("application/octet-stream", "no-store")
_DIGEST_LETTERS = 64


class _Kept(BaseModel):
    """The record of a name, written after all of its files; without it, the name was not kept.

    `files` has the SHA-256 of each file in hex, by its path below the name. A single empty path means
    that the name itself is a file.
    """

    model_config = ConfigDict(frozen=True)

    files: dict[str, str]

    @property
    def sealed(self) -> bytes:
        """The record as it is stored, after its own digest, so that wrong bytes are noticed."""
        content = self.model_dump_json().encode()
        return _digest(content) + content

    @classmethod
    def unsealed(cls, record: bytes) -> Self | None:
        """The verified record; None if it is invalid."""
        digest, content = record[:_DIGEST_LETTERS], record[_DIGEST_LETTERS:]
        return cls.model_validate_json(content) if digest == _digest(content) else None


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


class BucketArea(WorkArea):
    """Files are written locally and copied to the bucket when they are kept."""

    def __init__(self, bucket: Bucket, prefix: str, title: Title, release: str) -> None:
        super().__init__(title, release)
        self._bucket = bucket
        self._prefix = f"{prefix}{folder_of(self.run)}/"
        self._local: ScratchFolder | None = None

    @property
    def _root(self) -> Path:
        self._local = self._local or ScratchFolder()
        return self._local.path / "files"

    def keep(self, name: str) -> None:
        """Uploads the files, and finally their record, without which they do not count."""
        path = self._path(name)
        if not path.exists():
            raise self._lost(name)
        files = [""]
        if path.is_dir():
            files = sorted(str(each.relative_to(path)) for each in path.rglob("*") if each.is_file())
        self._bucket.delete([self._record_key(name)])
        with ThreadPoolExecutor(_TRANSFER_THREADS) as threads:
            digests = threads.map(lambda file: self._put(path / file, self._file_key(name, file)), files)
            kept = _Kept(files=dict(zip(files, digests, strict=True)))
        self._bucket.put_bytes(self._record_key(name), kept.sealed, *_OPAQUE)

    def fetch(self, name: str) -> Path:
        """Copies it to this machine, unless it is here already. Raises WorkAreaLost."""
        path = self.scratch(name)
        if path.exists():
            return path
        files = self._kept(name).files
        partial = path.with_name(f".{path.name}.{token_hex(4)}")
        try:
            with ThreadPoolExecutor(_TRANSFER_THREADS) as threads:
                list(threads.map(lambda file: self._get(name, file, partial / file, files[file]), files))
            partial.rename(path)
        finally:
            discard(partial)
        return path

    def exists(self, name: str) -> bool:
        """Whether its record is there."""
        return self._bucket.head(self._record_key(name)) is not None

    def remove(self) -> None:
        """Deletes the run's objects, and this process's copies."""
        self._bucket.delete(item.key for item in self._bucket.list(self._prefix))
        self.close()

    def close(self) -> None:
        """Removes this process's copies."""
        if self._local:
            self._local.close()
            self._local = None

    def _record_key(self, name: str) -> str:
        return f"{self._prefix}kept/{checked(name)}.json"

    def _file_key(self, name: str, file: str) -> str:
        return f"{self._prefix}files/{name}/{file}".rstrip("/")

    def _kept(self, name: str) -> _Kept:
        """Raises WorkAreaLost, and StorageUnavailable for a record whose bytes were changed."""
        key = self._record_key(name)
        record = self._bucket.get_bytes(key)
        if record is None:
            raise self._lost(name)
        if (kept := _Kept.unsealed(record)) is None:
            raise StorageUnavailable(f"{key} in the bucket {self._bucket.name} arrives with different bytes")
        return kept

    def _put(self, path: Path, key: str) -> str:
        """Uploads a file, and returns its SHA-256."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        self._bucket.put_file(path, key, *_OPAQUE)
        return digest

    def _get(self, name: str, file: str, path: Path, sha256: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._bucket.download(self._file_key(name, file), path, sha256) is None:
            raise self._lost(name)


def folders_below(bucket: Bucket, prefix: str) -> Iterator[tuple[str, datetime]]:
    """Every folder under the prefix, and when anything in it was last written."""
    for folder in bucket.prefixes(prefix):
        # Some S3 servers still list a folder for a while after its last object is gone.
        if touched := max((item.modified for item in bucket.list(folder)), default=None):
            yield folder.removeprefix(prefix).rstrip("/"), touched
