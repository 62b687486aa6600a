"""The work area as a task sees it: names of files, however they are kept between tasks."""

import contextlib
import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Self

from nightreel.errors import Transient, WorkAreaFull
from nightreel.figures import size
from nightreel.vocabulary.title import Title
from nightreel.workspace.names import run_key

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


class WorkAreaLost(Transient):
    """A file that an earlier task kept is missing (perhaps not there yet, on a shared volume that lags)."""


class WorkArea(ABC):
    """The files of one run. A context manager, which releases what this process holds.

    Names are relative paths (`source.mp4`, `renditions/720p.mp4`); each one means a file or a tree of
    files. If the location is a bucket, every method may raise the bucket's storage errors.
    """

    def __init__(self, title: Title, release: str) -> None:
        """Raises ConfigurationError for a malformed release."""
        self.run = run_key(title, release)

    @property
    @abstractmethod
    def _root(self) -> Path:
        """The local folder of this run; it need not exist."""

    @abstractmethod
    def keep(self, name: str) -> None:
        """Make the file or tree at `scratch(name)` available to later tasks, whole or not at all."""

    @abstractmethod
    def fetch(self, name: str) -> Path:
        """The local path of what was kept under this name. Raises WorkAreaLost."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Whether something was kept under this name."""

    @abstractmethod
    def remove(self) -> None:
        """Remove everything that the run kept; safe to repeat."""

    @abstractmethod
    def close(self) -> None:
        """Release what this process holds; what was kept stays."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def scratch(self, name: str) -> Path:
        """A local path to write to; its parents exist. Use `writing` if half a file could look complete."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A path beside `scratch(name)`, with the same suffix, for a file or a tree.

        When the block ends, what was written becomes `name` and is kept. When it fails, that is deleted
        and an earlier `name` stays.
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
            discard(partial)

    def require_free(self, wanted: int) -> None:
        """Raise WorkAreaFull unless `wanted` bytes are free where this process writes."""
        place = next(place for place in (self._root, *self._root.parents) if place.exists())
        free = shutil.disk_usage(place).free
        if free < wanted:
            raise WorkAreaFull(
                f"{place} has {size(free)} free, this step needs {size(wanted)}: free some space, or "
                "set NIGHTREEL_WORK_AREA to a larger disk"
            )

    def _path(self, name: str) -> Path:
        return self._root / checked(name)

    def _lost(self, name: str) -> WorkAreaLost:
        return WorkAreaLost(
            f"the work area no longer holds {name} of the run {self.run}: clear the run from its first task"
        )


def checked(name: str) -> str:
    """Returns the name if it is valid. Raises ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a relative path of plain names")
    return name


def discard(path: Path) -> None:
    """Remove a file or a tree, even while another process is removing it."""
    while path.is_dir():
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(path)
    path.unlink(missing_ok=True)
