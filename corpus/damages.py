"""Files that are not videos, or damaged ones: how each is made from a whole video."""

import random
import zlib
from collections.abc import Callable
from pathlib import Path

from corpus.boxes import box
from nightreel.media.inspection.boxes import outermost_boxes


def _scrambled(whole: bytes, base: Path, share: float) -> bytes:
    """Overwrites a share of the media data, in pieces of 64 bytes; the index stays as it is."""
    ends = {box.kind: box.end for box in outermost_boxes(base)}
    # Before the media, FFmpeg writes a few dozen bytes. The first keyframe is spared, too.
    start, end = ends["ftyp"] + 4096, ends["mdat"]
    data, chance = bytearray(whole), random.Random(1)
    for _ in range(int((end - start) * share / 64)):
        place = chance.randrange(start, end - 64)
        data[place : place + 64] = chance.randbytes(64)
    return bytes(data)


def _compressed(whole: bytes, base: Path) -> bytes:
    index = next(box for box in outermost_boxes(base) if box.kind == "moov")
    plain = whole[index.start : index.end]
    packed = box(b"cmvd", len(plain).to_bytes(4), zlib.compress(plain))
    # The index is at the end, so what it points to does not move.
    return whole[: index.start] + box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), packed))


_Damage = Callable[[bytes, Path], bytes]
DAMAGES: dict[str, tuple[str, str, _Damage]] = {
    "empty": ("no bytes at all", "quarantined: empty", lambda whole, base: b""),
    "web_page": (
        "an HTML error page named .mp4",
        "quarantined: a web page",
        lambda whole, base: b"<!DOCTYPE html><html><body><h1>404 Not Found</h1></body></html>",
    ),
    "text": ("a text file named .mp4", "quarantined: no video", lambda whole, base: b"Nothing here.\n" * 40),
    "playlist": (
        "an HLS playlist named .mp4",
        "quarantined: a playlist",
        lambda whole, base: b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nfile:///etc/passwd\n",
    ),
    "concat": (
        "an ffconcat script named .mp4",
        "quarantined: a script",
        lambda whole, base: b"ffconcat version 1.0\nfile /etc/passwd\n",
    ),
    "joined_mp4": (
        "two MP4s joined byte by byte",
        "quarantined: only the first can be read",
        lambda whole, base: whole * 2,
    ),
    "compressed_index": (
        "a compressed index, as old QuickTime versions wrote",
        "quarantined: its index is compressed",
        _compressed,
    ),
    "cut_index": (
        "cut off before the end of its index",
        "quarantined: cut off",
        lambda whole, base: whole[: len(whole) - 600],
    ),
    "scrambled": (
        "a third of the media overwritten",
        "quarantined: cannot be decoded",
        lambda whole, base: _scrambled(whole, base, 0.33),
    ),
}
