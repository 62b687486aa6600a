"""Reads how sounds in AAC are coded, without decoding them. This is a separate program.

`coded_sound` runs it as a child process, because a demuxer may crash or use up all memory on a hostile
file. Its only argument is a JSON object with the fields of `Request`. It writes one line of JSON with what
it found. It needs only PyAV and the standard library, and keeps no packet.
"""

import json
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av

_FRAME_SAMPLES = 1024
_NAMED = 3
_MOVED = Fraction(1, 200)
"""Seconds. How far a packet may be from where it would be if all before it followed one another exactly.

Times are rounded, and where files were joined, there are gaps of a few samples.
"""
_DISCARD_ALL = 48
"""FFmpeg's AVDISCARD_ALL: packets of such a track are not even read, where the container has an index."""


@dataclass(frozen=True)
class Request:
    """What to read: the tracks with these indexes."""

    path: str
    options: dict[str, str]
    sounds: list[int]


@dataclass
class Row:
    """The packets of a sound so far. What is counted are those since the last break.

    `sample_rate` in Hz, `tick` in seconds. Times are in ticks.
    """

    sample_rate: int
    tick: Fraction
    start: int = 0
    packets: int = 0
    size: int = 0
    breaks: int = 0
    first_breaks: list[dict[str, float]] = field(default_factory=list)
    broken: int = 0
    changes: bool = False

    def add(self, packet: Any) -> None:
        """Counts a packet, unless the edit list leaves it out."""
        if packet.is_discard:
            return
        self.changes = self.changes or packet.has_sidedata("new_extradata")
        self.broken += packet.is_corrupt or packet.pts is None
        if packet.pts is not None:
            self._place(packet.pts)
            self.packets += 1
            self.size += packet.size

    def _place(self, time: int) -> None:
        if not self.packets:
            self.start = time
            return
        # In units that make all of it whole numbers: a loop over hours of sound is to be fast.
        unit = self.sample_rate * self.tick.denominator
        late = (time - self.start) * self.tick.numerator * self.sample_rate
        late -= self.packets * _FRAME_SAMPLES * self.tick.denominator
        if abs(late) <= _MOVED * unit:
            return
        self.breaks += 1
        if len(self.first_breaks) < _NAMED:
            self.first_breaks.append({"at": float(time * self.tick), "missing": late / unit})
        self.start, self.packets, self.size = time, 0, 0

    def found(self) -> dict[str, Any]:
        """With the names of `CodedSound`."""
        lasts = Fraction(self.packets * _FRAME_SAMPLES, self.sample_rate)
        return {
            "start": float(self.start * self.tick),
            "packets": self.packets,
            "bps": round(self.size * 8 / lasts),
            "breaks": self.breaks,
            "first_breaks": self.first_breaks,
            "broken": self.broken,
            "changes": self.changes,
        }


def scan(request: Request) -> list[dict[str, Any]]:
    """What the file says of each sound, with its description in hex; nothing of those that have none."""
    with av.open(request.path, options=request.options) as container:
        rows: dict[int, Row] = {}
        streams: Any = container.streams
        for stream in streams:
            coding = stream.codec_context
            if stream.index not in request.sounds:
                stream.discard = _DISCARD_ALL
            elif coding is not None and coding.extradata and coding.sample_rate and stream.time_base:
                rows[stream.index] = Row(coding.sample_rate, Fraction(stream.time_base))
        for packet in container.demux([streams[index] for index in rows]):
            if packet.size:
                rows[packet.stream_index].add(packet)
        return [
            {
                **row.found(),
                "index": index,
                "profile": streams[index].profile or "",
                "description": streams[index].codec_context.extradata.hex(),
            }
            for index, row in rows.items()
            if row.packets
        ]


def main() -> None:
    """Prints what was found: one line of JSON."""
    av.logging.set_level(None)
    print(json.dumps(scan(Request(**json.loads(sys.argv[1])))), flush=True)


if __name__ == "__main__":
    main()
