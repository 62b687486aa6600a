"""The outermost boxes of an MP4 (ISO/IEC 14496-12, section 4.2): what FFmpeg does not tell of a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nightreel.media.inspection.refusals import Refusal

_HEADER_BYTES = 8
_LONG_HEADER_BYTES = 16
_SIZE_FOLLOWS, _TO_THE_END = 1, 0


MOST_BOXES = 1_000_000
"""A fragment has two: for two days of fragments of half a second. Free space is one box, or few."""

_PROTECTED_PICTURES = (b"encv" + bytes(6), b"drmi" + bytes(6))
"""Sample entries of an encrypted picture (ISO/IEC 14496-12, section 8.12; Apple's FairPlay), each
with the six reserved bytes that follow its type."""
_LARGEST_INDEX_BYTES = 64 * 1024**2


@dataclass(frozen=True)
class Box:
    """`kind` is the type, as `moov`; it begins at byte `start` and ends before byte `end`.

    Both as the headers promise it: `end` may lie outside the file.
    """

    kind: str
    start: int
    end: int


def outermost_boxes(path: Path) -> Iterator[Box]:
    """The boxes in their order, up to the end of the file or to what is no box. Reads headers only.

    Raises SourceRejected (`too_many_boxes`) past MOST_BOXES.
    """
    total = path.stat().st_size
    found = 0
    with path.open("rb") as stream:
        position = 0
        while position < total:
            stream.seek(position)
            header = stream.read(_LONG_HEADER_BYTES)
            kind, size = header[4:8], int.from_bytes(header[:4])
            smallest = _HEADER_BYTES
            if size == _SIZE_FOLLOWS:
                smallest, size = _LONG_HEADER_BYTES, int.from_bytes(header[8:16])
            elif size == _TO_THE_END:
                size = total - position
            if not (kind.isascii() and kind.isalnum()) or len(header) < smallest or size < smallest:
                return
            found += 1
            if found > MOST_BOXES:
                raise Refusal.TOO_MANY_BOXES.because(most=MOST_BOXES)
            yield Box(kind.decode(), position, position + size)
            position += size


def is_copy_protected(path: Path) -> bool:
    """Whether the index of an MP4 describes an encrypted picture."""
    for box in outermost_boxes(path):
        if box.kind == "moov":
            with path.open("rb") as stream:
                stream.seek(box.start)
                index = stream.read(min(box.end - box.start, _LARGEST_INDEX_BYTES))
            return any(entry in index for entry in _PROTECTED_PICTURES)
    return False
