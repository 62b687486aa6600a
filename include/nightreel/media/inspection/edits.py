"""When an MP4 shows its picture, if FFmpeg cannot follow its edit list (ISO/IEC 14496-12, 8.6.6).

An edit may begin before the first keyframe. FFmpeg then returns pictures that begin before the file does,
with a clock that is wrong for the whole track.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import iter_unpack
from typing import Any, BinaryIO

from nightreel.media.inspection.boxes import Box, nested_boxes
from nightreel.media.inspection.timeline import seconds
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import input_arguments

_TIMEOUT_SECONDS = 1800.0
_NO_MEDIA = -1
_MOST_EDITS = 1000
_READ = {"mvhd", "tkhd", "mdhd", "elst"}


@dataclass
class _Track:
    """A track according to the index. Rates in ticks per second, edits as length and media time."""

    number: int = 0
    rate: int = 0
    edits: tuple[tuple[int, int], ...] = ()


def late_by(path: Path, ffprobe: str, stream: dict[str, Any]) -> float:
    """Seconds to add to FFmpeg's times for a picture; 0 if the index does not know better.

    `stream` is ffprobe's. Raises EncoderFailed when ffprobe is killed or takes too long.
    """
    begins = _begins(path, int(str(stream.get("id", "0")), 0))
    if begins is None:
        return 0.0
    first = next(_packets(path, ffprobe, stream["index"]), None)
    if first is None:
        return 0.0
    time, place = first
    # The same picture on the track's own clock.
    unedited = _packets(path, ffprobe, stream["index"], "-ignore_editlist", "1")
    own = next((own for own, at in unedited if at == place), None)
    return 0.0 if own is None else max(0.0, own - begins - time)


def edits_of(path: Path, number: int) -> int:
    """How many stretches of a track's pictures its edit list shows; 0 without a list.

    `number` is the track's own, as in its header.
    """
    _, track = _track(path, number)
    return sum(begins != _NO_MEDIA for _, begins in track.edits) if track else 0


def _track(path: Path, number: int) -> tuple[int, _Track | None]:
    """Ticks per second of the film, and the track with this number."""
    with path.open("rb") as stream:
        clock, tracks = _read(stream, path.stat().st_size)
    return clock, next((track for track in tracks if track.number == number), None)


def _begins(path: Path, number: int) -> float | None:
    """What a track's clock shows when the film begins; None for several edits, or none."""
    clock, track = _track(path, number)
    if track is None or not track.rate or not clock:
        return None
    edits = list(track.edits)
    delay = 0
    while edits and edits[0][1] == _NO_MEDIA:
        delay += edits.pop(0)[0]
    return edits[0][1] / track.rate - delay / clock if len(edits) == 1 else None


def _read(stream: BinaryIO, size: int) -> tuple[int, list[_Track]]:
    """Ticks per second of the film, and its tracks."""
    clock, tracks = 0, [_Track()]
    for box in nested_boxes(stream, size):
        if box.kind == "trak":
            tracks.append(_Track())
        if box.kind not in _READ:
            continue
        long = _bytes(stream, box, 0, 1) == b"\1"
        if box.kind == "elst":
            tracks[-1].edits = tuple(_edits(stream, box, long=long))
            continue
        # It follows two times.
        value = int.from_bytes(_bytes(stream, box, 20 if long else 12, 4))
        if box.kind == "tkhd":
            tracks[-1].number = value
        elif box.kind == "mdhd":
            tracks[-1].rate = value
        else:
            clock = value
    return clock, tracks


def _edits(stream: BinaryIO, box: Box, *, long: bool) -> Iterator[tuple[int, int]]:
    form, width = (">QqI", 20) if long else (">IiI", 12)
    count = min(int.from_bytes(_bytes(stream, box, 4, 4)), _MOST_EDITS)
    table = _bytes(stream, box, 8, count * width)
    for length, begins, _ in iter_unpack(form, table[: len(table) // width * width]):
        yield length, begins


def _bytes(stream: BinaryIO, box: Box, offset: int, count: int) -> bytes:
    stream.seek(box.start + offset)
    return stream.read(max(0, min(count, box.end - stream.tell())))


def _packets(path: Path, ffprobe: str, index: int, *options: str) -> Iterator[tuple[float, str]]:
    """Time and place of the packets of a track that have both."""
    command = [ffprobe, "-v", "error", "-of", "csv=p=0", "-select_streams", str(index), *options]
    command += ["-show_entries", "packet=pts_time,pos", *input_arguments(path)]
    said: deque[str] = deque(maxlen=process.STDERR_LINES)
    for line in process.lines(
        command, timeout_seconds=_TIMEOUT_SECONDS, sandbox=Sandbox(reads=(path,)), stderr=said
    ):
        shown, at, *_ = [*line.split(","), ""]
        if (time := seconds(shown)) is not None and at.isdigit():
            yield time, at
