"""Cases: sources, and what should become of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SUFFIXES = {".mp4", ".mov", ".m4v", ".mkv", ".webm"}
_ROW = re.compile(r"^\|\s*(?P<name>[^|]+?)\s*\|\s*(?P<what>[^|]+?)\s*\|\s*(?P<expected>[^|]+?)\s*\|\s*$")


@dataclass(frozen=True)
class Case:
    """One source. `expected` is a sentence that begins with `published` or `quarantined`.

    It may also say `or quarantined`. It is empty if nothing is known about the source.
    """

    name: str
    path: Path
    what: str = ""
    expected: str = ""

    def allows(self, state: str) -> bool:
        """Whether this state is expected; without an expectation, only publishing is."""
        wanted = self.expected or "published"
        return wanted.startswith(state) or f"or {state}" in wanted


def cases_in(folder: Path) -> list[Case]:
    """The videos of a folder, with what its README.md says about them in a table of three columns.

    Raises FileNotFoundError if the folder does not exist.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}; NIGHTREEL_CLIPS or an argument names one")
    told = dict(_told(folder / "README.md"))
    return [
        Case(path.stem, path, *told.get(path.stem, ("", "")))
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in _SUFFIXES
    ]


def _told(readme: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    if not readme.is_file():
        return
    for line in readme.read_text("utf-8").splitlines():
        if row := _ROW.match(line):
            yield row["name"], (row["what"], row["expected"])
