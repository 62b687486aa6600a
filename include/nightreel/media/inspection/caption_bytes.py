"""Reads the closed captions of a track as bytes. This is a separate program.

`captions` runs it as a child process, because the file that it opens may be hostile. Its only argument is
a JSON object with the fields of `Request`. For every picture, or sample of a caption track, that carries
captions, in display order, it writes a line of JSON: the time in seconds on the file's clock, and the
bytes of CTA-608 and CTA-708 in threes, as in ATSC A/53, part 4, 6.2.3.1. A line `null` says that it is
still working, and `{"done": true}` that it has finished. It needs only PyAV and the standard library.
"""

import heapq
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import av

DONE = {"done": True}
MARK = b"GA94\x03"
"""Stands before the bytes in every codec that carries them (ATSC A/53, part 4, 6.2.3)."""

_DECODED = {"mpeg1video", "mpeg2video"}
"""Codecs that also carry captions as DVDs and old cable do, which FFmpeg's decoder knows."""
_ESCAPED = {"h264", "hevc"}
"""Codecs that insert a byte after two zeros (ITU-T H.264, 7.4.1)."""
_CAPTIONS_ALONE = "subtitle"
"""The type of a track that has only captions."""
_VALID, _DIGITAL, _WITHOUT_PARITY = 0x04, 0x02, 0x7F
_MOST_IN_PICTURE = 31
_HELD = 64
"""How many pictures are held until their order is known: no codec reorders them further."""
_BACK_SECONDS = 1.0
"""How far decoding times must jump back to count as a restart, as in `restarts`."""
_PACKETS_PER_SIGN = 5000

Carried = tuple[float, bytes]
"""When a picture is shown, and what it carries."""


@dataclass(frozen=True)
class Request:
    """The program's task, as JSON in its argument."""

    path: str
    options: dict[str, str]
    track: int
    """The index of a picture or caption track."""


def in_unit(data: bytes, *, escaped: bool) -> bytes:
    """The caption data of one coded picture, in threes."""
    found = b""
    at = data.find(MARK)
    while at >= 0:
        at += len(MARK)
        # Twice the length, for the bytes that were inserted.
        message = data[at : at + 6 * _MOST_IN_PICTURE + 2]
        if escaped:
            message = message.replace(b"\0\0\3", b"\0\0")
        if message:
            found += message[2 : 2 + 3 * (message[0] & _MOST_IN_PICTURE)]
        at = data.find(MARK, at)
    return found


def meant(carried: bytes) -> bytes:
    """The bytes without padding."""
    threes = (carried[at : at + 3] for at in range(0, len(carried) - 2, 3))
    return b"".join(three for three in threes if three[0] & _VALID and _says(three))


def _says(three: bytes) -> bool:
    return bool(three[0] & _DIGITAL or (three[1] | three[2]) & _WITHOUT_PARITY)


def in_order(pictures: Iterable[Carried | None]) -> Iterator[Carried]:
    """The pictures in display order. None ends a range within which they are ordered."""
    held: list[tuple[float, int, bytes]] = []
    for number, picture in enumerate(pictures):
        if picture is not None:
            heapq.heappush(held, (picture[0], number, picture[1]))
        while held and (picture is None or len(held) > _HELD):
            time, _, carried = heapq.heappop(held)
            yield time, carried
    while held:
        time, _, carried = heapq.heappop(held)
        yield time, carried


def _in_packets(container: Any, track: Any) -> Iterator[Carried | None]:
    """What each picture carries, on one continuous clock; None where the file's times start over."""
    codec = track.codec_context.name
    latest = decoded = float("-inf")
    shift = time = 0.0
    for packet in _read(container, track):
        time = time if packet.pts is None else float(packet.pts * packet.time_base) + shift
        if packet.dts is not None:
            begins = float(packet.dts * packet.time_base) + shift
            if begins < decoded - _BACK_SECONDS:
                yield None
                shift += latest - time
                begins, time = begins + latest - time, latest
            decoded = begins
        latest = max(latest, time + float((packet.duration or 0) * packet.time_base))
        if track.type == _CAPTIONS_ALONE:
            # FFmpeg turns QuickTime's pairs into threes.
            yield time, bytes(packet)
        elif codec in _DECODED:
            yield from ((float(frame.time) + shift, carried) for frame, carried in _decoded(packet))
        else:
            yield time, in_unit(bytes(packet), escaped=codec in _ESCAPED)
    if codec in _DECODED:
        yield from ((float(frame.time) + shift, carried) for frame, carried in _decoded(None, track))


def _read(container: Any, track: Any) -> Iterator[Any]:
    try:
        for number, packet in enumerate(container.demux(track), 1):
            if number % _PACKETS_PER_SIGN == 0:
                print("null", flush=True)
            if packet.size:
                yield packet
    except av.error.FFmpegError:
        return  # what cannot be read was judged when the timeline was


def _decoded(packet: Any, track: Any = None) -> Iterator[tuple[Any, bytes]]:
    try:
        frames = track.codec_context.decode(None) if packet is None else packet.decode()
    except av.error.FFmpegError:
        return
    for frame in frames:
        if frame.time is not None and (carried := frame.side_data.get("A53_CC")) is not None:
            yield frame, bytes(carried)


def main() -> None:
    """Prints what each picture carries, each as a JSON line `[seconds, bytes in hex]`, and finally `DONE`."""
    av.logging.set_level(None)
    request = Request(**json.loads(sys.argv[1]))
    with av.open(request.path, options=request.options) as container:
        for time, carried in in_order(_in_packets(container, container.streams[request.track])):
            if said := meant(carried):
                print(json.dumps([time, said.hex()]), flush=True)
    print(json.dumps(DONE), flush=True)


if __name__ == "__main__":
    main()
