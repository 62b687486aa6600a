"""The files of a track or a release: which are there, and which of them something names."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nightreel.checks.facts.stills import jpeg_fault


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file that is in the directory, that should be, or that something names. `size` in bytes."""

    name: str
    exists: bool
    size: int
    named_by: int
    """How many playlists and manifests name it."""
    jpeg_fault: str | None = None
    """None for what is not meant to be a picture, empty for a whole JPEG."""


def measure_files(directory: Path, names: Iterable[str], named: Mapping[str, int]) -> Iterator[FileFacts]:
    """These files, and those that are named. `named` counts the documents that name a file."""
    for name in sorted({*names, *named}):
        path = directory / name
        yield FileFacts(
            name=name,
            exists=path.is_file(),
            size=path.stat().st_size if path.is_file() else 0,
            named_by=named.get(name, 0),
            jpeg_fault=jpeg_fault(path) if path.is_file() and path.suffix == ".jpg" else None,
        )


def missing(name: str) -> FileFacts:
    """A file that is nowhere."""
    return FileFacts(name, exists=False, size=0, named_by=0)


def merged(files: Iterable[FileFacts]) -> Iterator[FileFacts]:
    """One for each name, by name: named by all that name it, and there if it is wherever it was sought.

    What a playlist names and does not find beside it is missing, though another track has it.
    """
    found: dict[str, list[FileFacts]] = defaultdict(list)
    for file in files:
        found[file.name].append(file)
    for name in sorted(found):
        worst = min(found[name], key=lambda file: file.exists)
        yield replace(worst, named_by=sum(file.named_by for file in found[name]))
