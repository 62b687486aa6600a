"""The boxes of an MP4 (ISO/IEC 14496-12, section 4.2), for what FFmpeg does not tell about a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nightreel.media.inspection.refusals import Refusal

_HEADER_BYTES = 8
_LONG_HEADER_BYTES = 16
_SIZE_FOLLOWS, _TO_THE_END = 1, 0


MOST_BOXES = 1_000_000
"""A fragment has two boxes: enough for two days of half-second fragments. Free space takes few boxes."""

_PROTECTED_PICTURES = (b"encv" + bytes(6), b"drmi" + bytes(6))
"""Sample entries of an encrypted picture (ISO/IEC 14496-12, section 8.12; Apple's FairPlay), each with the
six reserved bytes after its type."""
_LARGEST_INDEX_BYTES = 64 * 1024**2

_CONTAINERS = frozenset(
    [
        "avss",
        "dinf",
        "edts",
        "mdia",
        "minf",
        "moof",
        "moov",
        "mvex",
        "schi",
        "sinf",
        "stbl",
        "traf",
        "trak",
        "tref",
        "udta",
        "wave",
    ]
)
_DEEPEST = 10
"""FFmpeg goes no deeper."""


@dataclass(frozen=True)
class Box:
    """`kind` is the type, such as `moov`; it begins at byte `start` and ends before byte `end`.

    Both are what the headers say: `end` may be outside the file.
    """

    kind: str
    start: int
    end: int


def outermost_boxes(path: Path) -> Iterator[Box]:
    """The boxes in their order, up to the end of the file or to what is no box. Reads only headers.

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


def nested_boxes(stream: BinaryIO, size: int) -> Iterator[Box]:
    """All boxes that FFmpeg looks into, and those inside them, in their order; the names may be anything.

    Raises SourceRejected (`too_many_boxes`) past MOST_BOXES.
    """
    for found, box in enumerate(_nested(stream, 0, size, 0), start=1):
        if found > MOST_BOXES:
            raise Refusal.TOO_MANY_BOXES.because(most=MOST_BOXES)
        yield box


def _nested(stream: BinaryIO, start: int, end: int, depth: int) -> Iterator[Box]:
    while start + _HEADER_BYTES <= end:
        stream.seek(start)
        header = stream.read(_LONG_HEADER_BYTES)
        size, kind, body = int.from_bytes(header[:4]), header[4:8].decode("latin-1"), start + _HEADER_BYTES
        if size == _SIZE_FOLLOWS:
            size, body = int.from_bytes(header[8:16]), start + _LONG_HEADER_BYTES
        elif size == _TO_THE_END:
            size = end - start
        if start + size < body:
            return
        yield Box(kind, body, start + size)
        if kind in _CONTAINERS and depth < _DEEPEST:
            yield from _nested(stream, body, min(start + size, end), depth + 1)
        start += size


def is_copy_protected(path: Path) -> bool:
    """Whether the index of an MP4 describes an encrypted picture."""
    for box in outermost_boxes(path):
        if box.kind == "moov":
            with path.open("rb") as stream:
                stream.seek(box.start)
                index = stream.read(min(box.end - box.start, _LARGEST_INDEX_BYTES))
            return any(entry in index for entry in _PROTECTED_PICTURES)
    return False
