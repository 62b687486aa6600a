"""The suite `release`: a row per file that is there, or that something names."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from nightreel.checks.facts.files import FileFacts
from nightreel.checks.suites.rules import Rule, Suite, absent, holds, of_track, within
from nightreel.vocabulary import release

RULES: tuple[Rule, ...] = (
    *of_track(
        holds("file-exists", "exists", "A file that is named by a playlist or by the layout is missing"),
        within("file-not-empty", "size", 1, None, "A file is empty"),
        within("no-orphans", "named_by", 1, None, "The release has a file that nothing names"),
        holds("known-type", "known_type", "A file has a name that no player expects"),
    ),
    absent("stills", "jpeg_fault", "A thumbnail or the poster is damaged"),
)


@dataclass(frozen=True)
class FileRow:
    """One file. `size` in bytes; `named_by` counts playlists, manifests and the layout itself."""

    name: str
    exists: bool
    size: int | None
    named_by: int
    known_type: bool
    jpeg_fault: str | None


def release_suite(files: Iterable[FileFacts], layout: Collection[str] = ()) -> Suite:
    """The files of a release, or of one track. `layout` are those that need be named by no other."""
    rows = tuple(
        FileRow(
            name=file.name,
            exists=file.exists,
            size=file.size if file.exists else None,
            named_by=file.named_by + (file.name in layout),
            known_type=_known(file.name),
            jpeg_fault=file.jpeg_fault or None,
        )
        for file in files
    )
    return Suite("release", FileRow, rows, RULES)


def _known(name: str) -> bool:
    try:
        release.content_type_of(name)
    except KeyError:
        return False
    return True
