"""Reads the closed captions of a track, as bytes: a separate program.

It is run as a child by `captions`, because what it opens may be hostile. It takes one argument, a
JSON object of the fields of `Request`, and writes a line of JSON for every picture, or sample of
a track of captions, that carries any, in the order in which they are shown: its time in seconds on
the file's clock, and the bytes of CTA-608 and CTA-708 as ATSC has them, in threes (ATSC A/53,
part 4, 6.2.3.1). A line `null` says that it goes on, and `{"done": true}` ends it. It knows nothing
but PyAV and the standard library.
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
"""Before the bytes, in every codec that carries them (ATSC A/53, part 4, 6.2.3)."""

_DECODED = {"mpeg1video", "mpeg2video"}
"""Codecs with further ways to carry captions, which FFmpeg's decoder knows: of DVDs, and of old cable."""
_ESCAPED = {"h264", "hevc"}
"""Codecs that put a byte into two zeros (ITU-T H.264, 7.4.1)."""
_CAPTIONS_ALONE = "subtitle"
"""The kind of a track that is nothing but captions."""
_VALID, _DIGITAL, _WITHOUT_PARITY = 0x04, 0x02, 0x7F
_MOST_IN_PICTURE = 31
_HELD = 64
"""So many pictures are held until their order is known: more than any codec moves them."""
_BACK_SECONDS = 1.0
"""How far times of decoding must go back to begin again, as of `restarts`."""
_PACKETS_PER_SIGN = 5000

Carried = tuple[float, bytes]
"""When a picture is shown, and what it carries."""


@dataclass(frozen=True)
class Request:
    """What the program is asked for, as JSON in its first argument."""

    path: str
    options: dict[str, str]
    track: int
    """Of pictures, or of captions alone."""


def in_unit(data: bytes, *, escaped: bool) -> bytes:
    """The caption data of one coded picture, in threes."""
    found = b""
    at = data.find(MARK)
    while at >= 0:
        at += len(MARK)
        # Twice the room, for the bytes that were put in.
        message = data[at : at + 6 * _MOST_IN_PICTURE + 2]
        if escaped:
            message = message.replace(b"\0\0\3", b"\0\0")
        if message:
            found += message[2 : 2 + 3 * (message[0] & _MOST_IN_PICTURE)]
        at = data.find(MARK, at)
    return found


def meant(carried: bytes) -> bytes:
    """Without padding."""
    threes = (carried[at : at + 3] for at in range(0, len(carried) - 2, 3))
    return b"".join(three for three in threes if three[0] & _VALID and _says(three))


def _says(three: bytes) -> bool:
    return bool(three[0] & _DIGITAL or (three[1] | three[2]) & _WITHOUT_PARITY)


def in_order(pictures: Iterable[Carried | None]) -> Iterator[Carried]:
    """The pictures in the order of showing. None ends what they are ordered within."""
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
    """Of every picture, None where the times begin again. Those times are made to run on."""
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
            # FFmpeg makes threes of the pairs that QuickTime has.
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
    """Prints what each picture carries, a JSON line `[seconds, bytes in hex]` each, and at last `DONE`."""
    av.logging.set_level(None)
    request = Request(**json.loads(sys.argv[1]))
    with av.open(request.path, options=request.options) as container:
        for time, carried in in_order(_in_packets(container, container.streams[request.track])):
            if said := meant(carried):
                print(json.dumps([time, said.hex()]), flush=True)
    print(json.dumps(DONE), flush=True)


if __name__ == "__main__":
    main()
