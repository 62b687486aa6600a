"""The work area: where one run's files live between tasks, gone when the run ends.

`NIGHTREEL_WORK_AREA` is a directory (one machine, or a shared volume) or an
`s3://bucket/prefix`, where workers share no disk. A task asks for a local path to write
to and keeps what it wrote there for the tasks after it; those fetch it by the same name.
"""

import contextlib
import os
import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict

from nightreel.errors import ConfigurationError, Transient, WorkAreaFull
from nightreel.release import valid_release_id
from nightreel.settings import settings
from nightreel.storage.bucket import Bucket, client_from_settings
from nightreel.storage.scratch import ScratchFolder
from nightreel.title import Title

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Alive = Callable[[Title, str], bool]
"""Whether the run that makes this release of this title may still need its files."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_TRANSFER_THREADS = 8
_OPAQUE = ("application/octet-stream", "no-store")


class WorkAreaLost(Transient):
    """What an earlier task kept is not there (yet, where a shared volume lags)."""


def run_key(title: Title, release: str) -> str:
    """`movie/7/20261121T010000-0a1b2c3d`: the name of the run that makes this release."""
    if not valid_release_id(release):
        raise ConfigurationError(f"malformed release id {release!r}")
    return f"{title.content_type}/{title.content_id}/{release}"


def parse_run_key(run: str) -> tuple[Title, str]:
    """The title and the release of a run. Raises ConfigurationError for any other text."""
    parts = run.split("/")
    if len(parts) != 3:
        raise ConfigurationError(f"{run!r} names no run: it must be <content type>/<content id>/<release>")
    title = Title(parts[0], parts[1])
    run_key(title, parts[2])
    return title, parts[2]


class WorkArea(ABC):
    """The files of one run. A context manager: leaving it frees what this process holds.

    Names are relative paths (`source.mp4`, `renditions/720p.mp4`); each names a file or a
    tree of files. The storage errors of the bucket may come out of every method where the
    location is one.
    """

    def __init__(self, run: str) -> None:
        parse_run_key(run)
        self.run = run

    @staticmethod
    def open(location: str, run: str, client: "S3Client | None" = None) -> "WorkArea":
        """The area of a run below `location`. Raises ConfigurationError for a malformed run."""
        if location.startswith("s3://"):
            return _BucketArea(*_bucket_at(location, client), run)
        return _DirectoryArea(Path(location), run)

    @classmethod
    def for_release(
        cls, location: str, title: Title, release: str, client: "S3Client | None" = None
    ) -> "WorkArea":
        return cls.open(location, run_key(title, release), client)

    @classmethod
    def sweep(
        cls, location: str, alive: Alive, older_than: timedelta, client: "S3Client | None" = None
    ) -> list[str]:
        """Remove the areas of runs that are not alive and untouched for longer; their runs.

        What is no run's area is left alone.
        """
        limit = datetime.now(UTC) - older_than
        folders = (
            _bucket_folders(*_bucket_at(location, client))
            if location.startswith("s3://")
            else _directory_folders(Path(location))
        )
        removed = []
        for folder, touched in folders:
            run = folder.replace(".", "/")
            try:
                title, release = parse_run_key(run)
            except ConfigurationError:
                continue
            if touched <= limit and not alive(title, release):
                cls.open(location, run, client).remove()
                removed.append(run)
        return removed

    @property
    @abstractmethod
    def _root(self) -> Path:
        """The local folder of this run; it need not exist."""

    @abstractmethod
    def keep(self, name: str) -> None:
        """Make the file or tree at `scratch(name)` available to later tasks, whole or not at all."""

    @abstractmethod
    def fetch(self, name: str) -> Path:
        """Local path of what was kept under this name. Raises WorkAreaLost."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Whether something was kept under this name."""

    @abstractmethod
    def remove(self) -> None:
        """Remove everything of the run; safe to repeat."""

    @abstractmethod
    def close(self) -> None:
        """Free what this process holds; what was kept stays."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def scratch(self, name: str) -> Path:
        """Local path to write to; its parents exist. Use `writing` for what may be taken for whole."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A path beside `scratch(name)`, of the same suffix, for a file or a tree.

        When the block ends, what was written becomes `name` and is kept; when it fails, it
        is deleted and an earlier `name` stays.
        """
        path = self.scratch(name)
        partial = path.with_name(f".{path.stem}.{token_hex(4)}{path.suffix}")
        try:
            yield partial
            if path.is_dir():
                shutil.rmtree(path)
            partial.rename(path)
            self.keep(name)
        finally:
            _discard(partial)

    def require_free(self, wanted: int) -> None:
        """Raise WorkAreaFull unless `wanted` bytes are free where this process writes."""
        place = next(place for place in (self._root, *self._root.parents) if place.exists())
        free = shutil.disk_usage(place).free
        if free < wanted:
            raise WorkAreaFull(
                f"{place} has {_human(free)} free, this step needs {_human(wanted)}: free some space, or "
                "set NIGHTREEL_WORK_AREA to a larger disk"
            )

    def _path(self, name: str) -> Path:
        return self._root / _checked(name)

    def _lost(self, name: str) -> WorkAreaLost:
        return WorkAreaLost(
            f"the work area no longer holds {name} of the run {self.run}: clear the run from its first task"
        )


class _DirectoryArea(WorkArea):
    def __init__(self, location: Path, run: str) -> None:
        super().__init__(run)
        self._folder = location / run.replace("/", ".")

    @property
    def _root(self) -> Path:
        return self._folder

    def keep(self, name: str) -> None:
        if not self._path(name).exists():
            raise self._lost(name)

    def fetch(self, name: str) -> Path:
        if not self.exists(name):
            raise self._lost(name)
        return self._path(name)

    def exists(self, name: str) -> bool:
        return self._path(name).exists()

    def remove(self) -> None:
        _discard(self._folder)

    def close(self) -> None:
        """Nothing is held: the folder itself is where files are kept."""


class _Kept(BaseModel):
    """Written after all files of a name; without it the name was not kept.

    `files` are paths below the name; the empty one alone is the name itself, a single file.
    """

    model_config = ConfigDict(frozen=True)

    files: tuple[str, ...]


class _BucketArea(WorkArea):
    def __init__(self, bucket: Bucket, prefix: str, run: str) -> None:
        super().__init__(run)
        self._bucket = bucket
        self._prefix = f"{prefix}{run.replace('/', '.')}/"
        self._local: ScratchFolder | None = None

    @property
    def _root(self) -> Path:
        self._local = self._local or ScratchFolder()
        return self._local.path / "files"

    def keep(self, name: str) -> None:
        path = self._path(name)
        if not path.exists():
            raise self._lost(name)
        files = [""]
        if path.is_dir():
            files = sorted(str(each.relative_to(path)) for each in path.rglob("*") if each.is_file())
        self._bucket.delete([self._record_key(name)])
        with ThreadPoolExecutor(_TRANSFER_THREADS) as threads:
            list(threads.map(lambda file: self._put(path / file, self._file_key(name, file)), files))
        record = _Kept(files=tuple(files)).model_dump_json().encode()
        self._bucket.put_bytes(self._record_key(name), record, *_OPAQUE)

    def fetch(self, name: str) -> Path:
        path = self.scratch(name)
        if path.exists():
            return path
        record = self._bucket.get_bytes(self._record_key(name))
        if record is None:
            raise self._lost(name)
        partial = path.with_name(f".{path.name}.{token_hex(4)}")
        try:
            with ThreadPoolExecutor(_TRANSFER_THREADS) as threads:
                files = _Kept.model_validate_json(record).files
                list(threads.map(lambda file: self._get(name, file, partial / file), files))
            partial.rename(path)
        finally:
            _discard(partial)
        return path

    def exists(self, name: str) -> bool:
        return self._bucket.head(self._record_key(name)) is not None

    def remove(self) -> None:
        self._bucket.delete(item.key for item in self._bucket.list(self._prefix))
        self.close()

    def close(self) -> None:
        if self._local:
            self._local.close()
            self._local = None

    def _record_key(self, name: str) -> str:
        return f"{self._prefix}kept/{_checked(name)}.json"

    def _file_key(self, name: str, file: str) -> str:
        return f"{self._prefix}files/{name}/{file}".rstrip("/")

    def _put(self, path: Path, key: str) -> None:
        self._bucket.put_file(path, key, *_OPAQUE)

    def _get(self, name: str, file: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._bucket.download(self._file_key(name, file), path) is None:
            raise self._lost(name)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no relative path of plain names")
    return name


def _bucket_at(location: str, client: "S3Client | None") -> tuple[Bucket, str]:
    """The bucket and the prefix (empty, or ending in a slash) of an s3:// location."""
    name, _, prefix = location.removeprefix("s3://").partition("/")
    bucket = Bucket(client or client_from_settings(settings()), name, "")
    return bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else ""


def _directory_folders(location: Path) -> Iterator[tuple[str, datetime]]:
    """Every folder below the location and when anything in it was last written."""
    for folder in sorted(location.glob("*/")):
        latest = 0.0
        for parent, _, names in os.walk(folder):
            for path in (Path(parent), *(Path(parent, name) for name in names)):
                with contextlib.suppress(FileNotFoundError):
                    latest = max(latest, path.lstat().st_mtime)
        yield folder.name, datetime.fromtimestamp(latest, UTC)


def _bucket_folders(bucket: Bucket, prefix: str) -> Iterator[tuple[str, datetime]]:
    for folder in bucket.prefixes(prefix):
        # Some S3 servers go on listing a folder for a while after its last object is gone.
        if touched := max((item.modified for item in bucket.list(folder)), default=None):
            yield folder.removeprefix(prefix).rstrip("/"), touched


def _discard(path: Path) -> None:
    """Remove a file or a tree, though another process may be removing it too."""
    while path.is_dir():
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(path)
    path.unlink(missing_ok=True)


def _human(size: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
