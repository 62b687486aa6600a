"""The files of a release: which are there, and which of them something names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nightreel.checks.facts.stills import jpeg_fault
from nightreel.vocabulary import release


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file that is in the directory, or that something names. `size` in bytes."""

    name: str
    exists: bool
    size: int
    named_by: int
    """How many playlists and manifests name it."""
    jpeg_fault: str | None
    """None for what is not meant to be a picture, empty for a whole JPEG."""


def measure_files(directory: Path, named: Mapping[str, int]) -> Iterator[FileFacts]:
    """Every file that is there or named. `named` counts the documents that name a file."""
    present = {path.name for path in directory.iterdir() if path.name != release.MANIFEST}
    for name in sorted(present | set(named)):
        path = directory / name
        yield FileFacts(
            name=name,
            exists=path.is_file(),
            size=path.stat().st_size if path.is_file() else 0,
            named_by=named.get(name, 0),
            jpeg_fault=jpeg_fault(path) if path.is_file() and path.suffix == ".jpg" else None,
        )
