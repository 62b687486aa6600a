"""The languages of tracks as BCP 47 tags, if their container has them: FFmpeg reads only three letters.

In Matroska, `LanguageBCP47` is an element of the track (RFC 9559, 5.1.4.1.20) and overrides Language. In MP4
it is the box `elng` (ISO/IEC 14496-12, 8.4.6). The file is not trusted: what does not parse is ignored, and
no more is read than the size of an index.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nightreel.media.inspection.boxes import outermost_boxes
from nightreel.media.inspection.languages import UNKNOWN, language_tag

_LARGEST_INDEX_BYTES = 64 * 1024**2
_MOST_ELEMENTS = 10_000
"""At most this many outermost elements are skipped in search of the tracks."""

_BOX_HEADER_BYTES, _LONG_BOX_HEADER_BYTES = 8, 16
_FULL_BOX_BYTES = 4
"""Version and flags."""

_SEGMENT, _TRACKS, _TRACK = 0x18538067, 0x1654AE6B, 0xAE
_TYPE, _CODEC, _BCP47 = 0x83, 0x86, 0x22B59D
_KINDS = {1: "video", 2: "audio", 17: "subtitle", 33: "data"}
"""The track types that FFmpeg reads (RFC 9559, table 4)."""


def with_full_languages(streams: list[dict[str, Any]], path: Path) -> list[dict[str, Any]]:
    """ffprobe's `streams`, each with the container's tag as its language, if there is one."""
    index = next((box for box in outermost_boxes(path) if box.kind == "moov"), None)
    if index is None:
        told = _in_order(streams, list(_in_matroska(path)))
    else:
        by_number = dict(_in_mp4(_read(path, index.start, index.end)))
        told = [by_number.get(_number(stream.get("id")), "") for stream in streams]
    return [_saying(stream, tag) for stream, tag in zip(streams, told, strict=True)]


def _saying(stream: dict[str, Any], tag: str) -> dict[str, Any]:
    if language_tag(tag) == UNKNOWN:
        return stream
    return stream | {"tags": stream.get("tags", {}) | {"language": tag}}


def _in_order(streams: list[dict[str, Any]], tracks: list[tuple[str, str]]) -> list[str]:
    """The tags of Matroska's tracks. FFmpeg numbers these in order, and attachments after them."""
    kinds = [stream.get("codec_type") for stream in streams]
    if kinds[: len(tracks)] != [kind for kind, _ in tracks]:
        return [""] * len(streams)
    return [*(tag for _, tag in tracks), *([""] * (len(streams) - len(tracks)))]


def _read(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(start)
        return stream.read(max(0, min(end - start, _LARGEST_INDEX_BYTES)))


def _number(text: object) -> int:
    try:
        return int(str(text), 0)
    except ValueError:
        return 0


def _in_mp4(index: bytes) -> Iterator[tuple[int, str]]:
    """Number and tag of each track in a `moov` that has a tag."""
    for track in _boxes(index, b"moov", b"trak"):
        number = next((_track_number(header) for header in _children(track, b"tkhd")), 0)
        for media in _children(track, b"mdia"):
            for told in _children(media, b"elng"):
                yield number, _text(told[_FULL_BOX_BYTES:])


def _boxes(data: bytes, outer: bytes, inner: bytes) -> Iterator[bytes]:
    for box in _children(data, outer):
        yield from _children(box, inner)


def _children(data: bytes, kind: bytes) -> Iterator[bytes]:
    """The contents of the boxes of one type."""
    position = 0
    while position + _BOX_HEADER_BYTES <= len(data):
        size, header = int.from_bytes(data[position : position + 4]), _BOX_HEADER_BYTES
        if size == 1:
            size, header = int.from_bytes(data[position + 8 : position + 16]), _LONG_BOX_HEADER_BYTES
        elif size == 0:
            size = len(data) - position
        if size < header:
            return
        if data[position + 4 : position + 8] == kind:
            yield data[position + header : position + size]
        position += size


def _track_number(header: bytes) -> int:
    """The number in a `tkhd`, after two times of 4 or (version 1) 8 bytes (ISO/IEC 14496-12, 8.3.2)."""
    times = 16 if header[:1] == b"\x01" else 8
    return int.from_bytes(header[_FULL_BOX_BYTES + times : _FULL_BOX_BYTES + times + 4])


def _in_matroska(path: Path) -> Iterator[tuple[str, str]]:
    """Kind and tag of each track that FFmpeg reads, in order; the tag is empty if there is none."""
    for content in _tracks(path):
        for identity, start, end in _elements(content):
            if identity != _TRACK:
                continue
            entry = content[start:end]
            track = {child: entry[at:to] for child, at, to in _elements(entry)}
            kind = _KINDS.get(int.from_bytes(track.get(_TYPE, b"")))
            if kind and _CODEC in track:
                yield kind, _text(track.get(_BCP47, b""))


def _tracks(path: Path) -> Iterator[bytes]:
    """The contents of the `Tracks` elements of the first segment."""
    total = path.stat().st_size
    with path.open("rb") as stream:
        position, inside = 0, False
        for _ in range(_MOST_ELEMENTS):
            stream.seek(position)
            head = stream.read(12)
            identity, size, begins = _head(head)
            if not identity or position >= total:
                return
            position += begins
            if identity == _SEGMENT and not inside:
                inside = True
                continue
            if size is None:
                return
            if identity == _TRACKS and inside:
                stream.seek(position)
                yield stream.read(min(size, _LARGEST_INDEX_BYTES))
            position += size


def _elements(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Id, beginning and end of consecutive elements (RFC 8794, 4.1) in `data`."""
    position = 0
    while position < len(data):
        identity, size, begins = _head(data[position : position + 12])
        if not identity or size is None:
            return
        position += begins
        yield identity, position, min(position + size, len(data))
        position += size


def _head(data: bytes) -> tuple[int, int | None, int]:
    """Id, content size (None if unknown), and the length of these two.

    The id is 0 if there is no element.
    """
    length = 9 - data[0].bit_length() if data and data[0] else 0
    if not 1 <= length <= 4 or len(data) <= length or not data[length]:
        return 0, None, 0
    width = 9 - data[length].bit_length()
    written = data[length : length + width]
    size = int.from_bytes(written) - (1 << 7 * width)
    known = size != (1 << 7 * width) - 1 and len(written) == width
    return int.from_bytes(data[:length]), size if known else None, length + width


def _text(data: bytes) -> str:
    return data.partition(b"\x00")[0].decode("ascii", errors="replace")
