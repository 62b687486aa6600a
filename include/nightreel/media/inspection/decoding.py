"""Decodes stretches of a file and reports the result. This is a separate program.

`integrity` runs it as a child process, because a decoder may crash or use up all memory on a hostile
file. Its only argument is a JSON object with the fields of `Request`. It writes one line of JSON per track
and stretch, repeatedly while a long stretch is being decoded, and `{"done": true}` at the end. It needs
only PyAV and the standard library.
"""

import json
import sys
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median_low
from typing import Any

import av

_SETTLING_SECONDS = 0.25
"""How long a sound decoder may report errors after a jump: MP3 and AAC refer to earlier data."""
_PACKETS_PER_REPORT = 500
DONE = {"done": True}


@dataclass(frozen=True)
class Request:
    """What to decode. `stretches` are pairs of start and length in seconds from the file's start;
    a length of None means up to the end."""

    path: str
    options: dict[str, str]
    video: int
    audio: list[int]
    stretches: list[tuple[float, float | None]]


@dataclass
class Tally:
    """The result for one track in one stretch. Times are in the track's units."""

    codec: str
    settled: int | None = None
    """Nothing is counted before this time."""
    errors: int = 0
    """Packets that the decoder refused."""
    corrupt: int = 0
    """Frames that it could only repair."""
    first: int | None = None
    """When the first refused packet or repaired frame is shown."""
    due: list[int] = field(default_factory=list)
    """When each packet's frame is to be shown."""
    shown: list[int] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    """How many picture frames have each size, such as `640x360`."""
    ended: bool = False

    def refused(self, packet: Any) -> None:
        """Counts a packet that the decoder refused."""
        if not self._counts(packet.pts):
            return
        self.errors += 1
        self._damaged_at(packet.pts)

    def decoded(self, frame: Any) -> None:
        """Counts what the decoder made: a frame of the picture, or of the sound."""
        if not self._counts(frame.pts):
            return
        self.shown.append(frame.pts)
        if (width := getattr(frame, "width", 0)) and (height := getattr(frame, "height", 0)):
            size = f"{width}x{height}"
            self.sizes[size] = self.sizes.get(size, 0) + 1
        if getattr(frame, "is_corrupt", False):
            self.corrupt += 1
            self._damaged_at(frame.pts)

    def expect(self, packet: Any) -> None:
        """Notes a packet that must yield a frame."""
        # VP8 has packets that are never shown (RFC 6386, section 9.1: show_frame).
        hidden = self.codec == "vp8" and packet.size and not bytes(packet)[0] & 0x10
        if self._counts(packet.pts) and not packet.is_discard and not hidden:
            self.due.append(packet.pts)

    def damaged(self, picture: bool) -> int:
        """Damaged frames; for a picture that has ended, also those that the decoder left out."""
        # After an error, a decoder may silently continue only at the next keyframe.
        lost = missing(self.due, self.shown) if picture and self.ended and self.errors else 0
        return self.corrupt + max(self.errors, lost)

    def _counts(self, pts: int | None) -> bool:
        return pts is not None and (self.settled is None or pts >= self.settled)

    def _damaged_at(self, pts: int) -> None:
        self.first = pts if self.first is None else min(self.first, pts)


def late(due: list[int], shown: list[int]) -> int:
    """How many packets come before the decoder's first frame."""
    first = min(shown, default=None)
    return 0 if first is None else sum(1 for pts in due if pts < first)


def missing(due: list[int], shown: list[int]) -> int:
    """How many frames a decoder left out: packets without a frame at or near their time.

    A frame may consist of several packets, for example of two fields. So what counts is a gap between frames
    that has more packets than most gaps do.
    """
    if not due or not shown:
        return len(due)
    due, shown = sorted(due), sorted(shown)
    places = [bisect_left(due, pts) for pts in shown]
    steps = [after - before for before, after in pairwise(places)]
    usual = max(1, median_low(steps)) if steps else 1
    inner = sum(max(0, step // usual - 1) for step in steps)
    return inner + places[0] // usual + max(0, (len(due) - places[-1]) // usual - 1)


class Decoder:
    """An open file, and its tracks that can be decoded."""

    def __init__(self, container: Any, request: Request) -> None:
        self._container = container
        tracks = [container.streams[index] for index in (request.video, *request.audio)]
        self._tracks = [track for track in tracks if track.codec_context is not None]
        self._video = request.video
        self._origin = (container.start_time or 0) / av.time_base
        self._reached = float("-inf")
        container.streams[request.video].thread_type = "AUTO"

    def decode(self, number: int, start: float, length: float | None) -> Iterator[dict[str, Any]]:
        """The lines to write for one stretch; `number` is its number."""
        tallies = {track.index: Tally(track.codec_context.name) for track in self._tracks}
        end = None if length is None else self._origin + start + length
        jumped = start > 0
        if jumped:
            self._container.seek(int((self._origin + start) * av.time_base), backward=True)
        for count, packet in enumerate(self._packets(), 1):
            time = _seconds(packet) if packet.stream_index == self._video else None
            if time is not None and jumped:
                # A jump lands on the keyframe before its target, and the stretch begins there.
                jumped, end = False, None if length is None else time + length
                if time < self._reached:
                    return  # it was decoded with an earlier stretch
                self._settle(tallies, time)
            if time is not None and end is not None and time >= end:
                break
            self._reached = max(self._reached, time or self._reached)
            _feed(packet, tallies[packet.stream_index])
            if count % _PACKETS_PER_REPORT == 0:
                yield from self._told(number, tallies)
        for track in self._tracks:
            _drain(track, tallies[track.index])
            tallies[track.index].ended = True
        yield from self._told(number, tallies)

    def _packets(self) -> Iterator[Any]:
        try:
            for packet in self._container.demux(self._tracks):
                if packet.size:
                    yield packet
        except av.error.FFmpegError:
            return  # what cannot be read was judged when the timeline was

    def _settle(self, tallies: dict[int, Tally], time: float) -> None:
        for track in self._tracks:
            # Pictures shown before a keyframe may refer to frames that the jump skipped.
            wait = 0.0 if track.index == self._video else _SETTLING_SECONDS
            tallies[track.index].settled = int((time + wait) / track.time_base)

    def _told(self, number: int, tallies: dict[int, Tally]) -> Iterator[dict[str, Any]]:
        for track in self._tracks:
            tally = tallies[track.index]
            first = None if tally.first is None else float(tally.first * track.time_base) - self._origin
            yield {
                "stretch": number,
                "track": track.index,
                "packets": len(tally.due),
                "damaged": tally.damaged(track.type == "video"),
                "first": first,
                "late": late(tally.due, tally.shown) if number == 0 else 0,
                "sizes": tally.sizes,
            }


def _seconds(packet: Any) -> float | None:
    """When a packet is decoded. Unlike the time of display, this never decreases."""
    time = packet.pts if packet.dts is None else packet.dts
    return None if time is None else float(time * packet.time_base)


def _feed(packet: Any, tally: Tally) -> None:
    tally.expect(packet)
    try:
        for frame in packet.decode():
            tally.decoded(frame)
    except av.error.FFmpegError:
        tally.refused(packet)


def _drain(track: Any, tally: Tally) -> None:
    try:
        for frame in track.codec_context.decode(None):
            tally.decoded(frame)
    except av.error.FFmpegError:
        return  # it was drained with the last packet


def main() -> None:
    """Prints the damage found so far, a JSON line for each track and stretch, and finally `DONE`."""
    av.logging.set_level(None)
    request = Request(**json.loads(sys.argv[1]))
    with av.open(request.path, options=request.options) as container:
        decoder = Decoder(container, request)
        for number, (start, length) in enumerate(request.stretches):
            for line in decoder.decode(number, start, length):
                print(json.dumps(line), flush=True)
    print(json.dumps(DONE), flush=True)


if __name__ == "__main__":
    main()
