"""ISO base media files as boxes (ISO/IEC 14496-12, 4.2)."""

from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = 8
_LARGE_HEADER = 16


class BoxError(ValueError):
    """The bytes are not the boxes that they should be; the message says where."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a file. Offsets in bytes from the start of the data."""

    kind: str
    start: int
    body: int
    end: int


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie one after another between two offsets.

    Raises BoxError when one is cut short or reaches beyond `end`.
    """
    end = len(data) if end is None else end
    position = start
    while position < end:
        box = _box_at(data, position, end)
        yield box
        position = box.end


def child(data: bytes, parent: Box, kind: str) -> Box:
    """The first box of a kind within another. Raises BoxError when there is none."""
    for box in boxes(data, parent.body, parent.end):
        if box.kind == kind:
            return box
    raise BoxError(f"the {parent.kind} box at byte {parent.start} holds no {kind}")


def descend(data: bytes, parent: Box, *kinds: str) -> Box:
    """The box at the end of a path of kinds. Raises BoxError where the path ends early."""
    for kind in kinds:
        parent = child(data, parent, kind)
    return parent


def number(data: bytes, box: Box, offset: int, size: int, *, signed: bool = False) -> int:
    """A big-endian integer `offset` bytes into a box's body. Raises BoxError beyond its end."""
    start = box.body + offset
    if start + size > box.end:
        raise BoxError(f"the {box.kind} box at byte {box.start} is too short")
    return int.from_bytes(data[start : start + size], "big", signed=signed)


def _box_at(data: bytes, position: int, end: int) -> Box:
    if position + _HEADER > end:
        raise BoxError(f"the data end within the header of a box, at byte {position}")
    size = int.from_bytes(data[position : position + 4], "big")
    kind = data[position + 4 : position + 8].decode("latin-1")
    header = _HEADER
    if size == 1:
        size = int.from_bytes(data[position + 8 : position + 16], "big")
        header = _LARGE_HEADER
    elif size == 0:
        size = end - position
    if size < header or position + header > end:
        raise BoxError(f"the box at byte {position} gives its own size as {size}")
    if position + size > end:
        raise BoxError(
            f"the {kind!r} box at byte {position} should have {size} bytes, "
            f"but only {end - position} are there"
        )
    return Box(kind, position, position + header, position + size)
