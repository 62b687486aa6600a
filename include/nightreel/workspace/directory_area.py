"""The work area in a directory: on one machine, or on a volume that all workers mount."""

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from nightreel.vocabulary.title import Title
from nightreel.workspace.area import WorkArea, discard
from nightreel.workspace.names import folder_of


class DirectoryArea(WorkArea):
    """Files stay where they were written: nothing is copied."""

    def __init__(self, location: Path, title: Title, release: str) -> None:
        super().__init__(title, release)
        self._folder = location / folder_of(self.run)

    @property
    def _root(self) -> Path:
        return self._folder

    def keep(self, name: str) -> None:
        """Does nothing if the file is there. Raises WorkAreaLost if it is not."""
        if not self._path(name).exists():
            raise self._lost(name)

    def fetch(self, name: str) -> Path:
        """Its path. Raises WorkAreaLost."""
        if not self.exists(name):
            raise self._lost(name)
        return self._path(name)

    def exists(self, name: str) -> bool:
        """Whether it is there."""
        return self._path(name).exists()

    def remove(self) -> None:
        """Removes the run's folder."""
        discard(self._folder)

    def close(self) -> None:
        """Nothing to free: files are kept in the folder itself."""


def folders_below(location: Path) -> Iterator[tuple[str, datetime]]:
    """Every folder in the location, and when anything in it was last written."""
    for folder in sorted(location.glob("*/")):
        latest = 0.0
        for parent, _, names in os.walk(folder):
            for path in (Path(parent), *(Path(parent, name) for name in names)):
                with contextlib.suppress(FileNotFoundError):
                    latest = max(latest, path.lstat().st_mtime)
        yield folder.name, datetime.fromtimestamp(latest, UTC)
