"""The outermost boxes of an MP4 (ISO/IEC 14496-12, section 4.2): what a cut-off file still says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADER_BYTES = 8
_LONG_HEADER_BYTES = 16
_SIZE_FOLLOWS, _TO_THE_END = 1, 0


@dataclass(frozen=True)
class Box:
    """`kind` is the type, as `moov`; `end` the byte after the box, as its header promises it."""

    kind: str
    end: int


def outermost_boxes(path: Path) -> Iterator[Box]:
    """The boxes in their order, up to the end of the file or to what is no box. Reads headers only."""
    total = path.stat().st_size
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
            position += size
            yield Box(kind.decode(), position)
