"""Files that are damaged in a known way, made from whole ones."""

import random
from pathlib import Path

import av

_SEED = 20261121


def packets(path: Path, kind: str = "video", number: int = 0) -> list[tuple[int, int]]:
    """Where each packet of a track lies in the file: its first byte and its size, as they are read."""
    with av.open(str(path)) as container:
        stream = container.streams.get({kind: number})[0]
        return [
            (packet.pos, packet.size)
            for packet in container.demux(stream)
            if packet.pos is not None and packet.size
        ]


def overwritten(
    source: Path, path: Path, places: list[tuple[int, int]], *, keep: float = 0.3, most: int = 1 << 30
) -> Path:
    """A copy with random bytes in each place, from the share `keep` of it on, at most so many bytes."""
    chance = random.Random(_SEED)
    data = bytearray(source.read_bytes())
    for start, size in places:
        first = start + int(size * keep)
        length = min(most, start + size - first)
        data[first : first + length] = chance.randbytes(length)
    path.write_bytes(data)
    return path


def patched(source: Path, path: Path, box: bytes, offset: int, replacement: bytes) -> Path:
    """A copy with other bytes at an offset from the first box of a type (from the type on)."""
    data = bytearray(source.read_bytes())
    at = data.index(box) + offset
    data[at : at + len(replacement)] = replacement
    path.write_bytes(data)
    return path


def cut(source: Path, path: Path, keep: float) -> Path:
    """A copy of the first part."""
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path
