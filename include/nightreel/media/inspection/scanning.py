"""Reads how a picture in H.264 or HEVC is coded, without decoding it. This is a separate program.

`coded_picture` runs it as a child process, because a demuxer may crash or use up all memory on a hostile
file. Its only argument is a JSON object with the fields of `Request`. It writes one line of JSON with what
it found. It needs only PyAV and the standard library.

Of each packet it looks at the headers of the NAL units (ITU-T H.264, 7.3.1; H.265, 7.3.1), as `Units` tells.
"""

import json
import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import av

_RECOVERY_POINT = 6
"""A type of SEI message (ITU-T H.264, annex D; H.265, annex D)."""
_LAYER = 0b1_1111_1000
"""The bits of `nuh_layer_id` in the header of a unit (ITU-T H.265, 7.3.1.2)."""
_RECORD_VERSION = 1
"""Of the decoder configuration record (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1)."""
_PLACES = ("other_entries", "leading", "skipped", "layered", "broken")
"""What is told of frames, with the names of `CodedPicture`."""
_NAMED = 3
_MOST_SETS = 64
_NEAR = Fraction(1, 200)
"""How far a rate may be from the average to be tried, as a share."""
_FINE = Fraction(1, 500)
"""Seconds. Times in units up to this length are believed to be rounded."""


@dataclass(frozen=True, kw_only=True)
class Units:
    """How the NAL units of a codec are told apart. Sequences are of their types.

    The decoder configuration record has at least `record_bytes`; the last two bits of that at `length_at` say
    how long the length before each unit is. The `slices` of a picture are all of one type. Decoding may begin
    with `idr` pictures and `entries`. Those that are `leading` or `skipped` are shown before the entry that
    they follow; only the latter need what is before it.
    """

    record_bytes: int
    length_at: int
    header_bytes: int
    shift: int
    mask: int
    """The type of a unit is in its first byte: shifted to the right, and masked."""
    slices: Sequence[int]
    idr: Sequence[int]
    entries: Sequence[int] = ()
    leading: Sequence[int] = ()
    skipped: Sequence[int] = ()
    messages: Sequence[int]
    sets: Sequence[int]
    open_from: int | None = None
    """The first type that the standard leaves open; None if units do not say to which layer they belong."""


@dataclass(frozen=True)
class Request:
    """What to read. `rates` are frame rates to try, such as `24000/1001`, beside the one that times say."""

    path: str
    options: dict[str, str]
    video: int
    units: dict[str, Any]
    rates: list[str]
    peak_seconds: float


@dataclass
class Frames:
    """The packets of a picture in decoding order. Positions are those within this order."""

    units: Units
    length_bytes: int
    times: "array[int]" = field(default_factory=lambda: array("q"))
    sizes: "array[int]" = field(default_factory=lambda: array("q"))
    idr: list[int] = field(default_factory=list)
    places: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in _PLACES})
    sets: set[bytes] = field(default_factory=set)
    left_out: int = 0
    latest: int = 0
    last_duration: int = 0
    """When the frame that is shown last so far begins, and how long it is shown."""

    def add(self, packet: Any) -> None:
        """Notes a packet."""
        if packet.is_discard:
            self.left_out += 1
            return
        position = len(self.times)
        kind, recovers = self._looked_into(memoryview(packet), position)
        if kind is None or packet.is_corrupt or packet.pts is None:
            self.places["broken"].append(position)
        if kind in self.units.idr:
            self.idr.append(position)
        elif kind in self.units.entries or recovers or packet.is_keyframe:
            self.places["other_entries"].append(position)
        elif kind in self.units.leading:
            self.places["leading"].append(position)
        elif kind in self.units.skipped:
            self.places["skipped"].append(position)
        time = packet.pts or 0
        if position == 0 or time >= self.latest:
            self.latest, self.last_duration = time, packet.duration or 0
        self.times.append(time)
        self.sizes.append(packet.size)

    def _looked_into(self, data: memoryview, position: int) -> tuple[int | None, bool]:
        """The type of the first slice, None if it is cut off, and whether a recovery point is before it."""
        units, picture, recovers, layered = self.units, None, False, False
        for unit in self._units_of(data):
            kind = unit[0] >> units.shift & units.mask
            if units.open_from is not None and (kind >= units.open_from or _LAYER & int.from_bytes(unit[:2])):
                layered = True
            elif picture is None and kind in units.slices:
                picture = kind
                if units.open_from is None:
                    break
            elif kind in units.messages:
                recovers = recovers or has_recovery_point(bytes(unit[units.header_bytes :]))
            elif kind in units.sets and len(self.sets) < _MOST_SETS:
                self.sets.add(bytes(unit))
        if layered:
            self.places["layered"].append(position)
        return picture, recovers

    def _units_of(self, data: memoryview) -> Iterator[memoryview]:
        """Those that are whole and not empty."""
        at = 0
        while at + self.length_bytes < len(data):
            begins = at + self.length_bytes
            at = begins + int.from_bytes(data[at:begins])
            if begins < at <= len(data):
                yield data[begins:at]


def has_recovery_point(unit: bytes) -> bool:
    """Whether an SEI unit, without its header, has the message of a recovery point (H.264, 7.3.2.3.1)."""
    payload = unit.replace(b"\0\0\3", b"\0\0")
    at = 0
    # What follows the last message is one byte of trailing bits.
    while at + 1 < len(payload):
        kind, at = _number(payload, at)
        if kind == _RECOVERY_POINT:
            return True
        size, at = _number(payload, at)
        at += size
    return False


def _number(payload: bytes, at: int) -> tuple[int, int]:
    """A type or size of an SEI message, and where the next one begins."""
    number = 0
    while at < len(payload) and payload[at] == 0xFF:
        number, at = number + 0xFF, at + 1
    return number + (payload[at] if at < len(payload) else 0), at + 1


def rate_of(ordered: list[int], tick: Fraction, tried: list[Fraction]) -> Fraction | None:
    """Frames per second if every time is at most a tick away from where the rate has it, otherwise None.

    `ordered` are the times in units of `tick` seconds. A rate that all gaps say comes before those `tried`.
    """
    if len(ordered) < 2 or ordered[-1] <= ordered[0]:
        return None
    first, last = ordered[0], ordered[-1]
    mean = Fraction(len(ordered) - 1, last - first) / tick
    step, rest = divmod(last - first, len(ordered) - 1)
    if rest == 0 and all(later - earlier == step for earlier, later in pairwise(ordered)):
        return mean
    if tick > _FINE:
        return None
    near = {rate for rate in tried if abs(rate - mean) <= mean * _NEAR}
    errors = {rate: _largest_error(ordered, 1 / (rate * tick)) for rate in near}
    best = min(near, key=lambda rate: errors[rate], default=None)
    return best if best is not None and errors[best] <= 1 else None


def _largest_error(ordered: list[int], period: Fraction) -> Fraction:
    """How many ticks a time is away from an even one, at most."""
    first, upper, lower = ordered[0], period.numerator, period.denominator
    return Fraction(
        max(abs((time - first) * lower - number * upper) for number, time in enumerate(ordered)), lower
    )


def uneven_gaps(ordered: list[int], tick: Fraction) -> list[tuple[int, float]]:
    """The gaps that differ from the usual one: the frame before each, and by how many seconds."""
    gaps = [later - earlier for earlier, later in pairwise(ordered)]
    if not gaps:
        return []
    usual = Counter(gaps).most_common(1)[0][0]
    for rounding in (1, 0):
        found = [
            (n, float((gap - usual) * tick)) for n, gap in enumerate(gaps) if abs(gap - usual) > rounding
        ]
        if found:
            return found
    return []


def mixed_entries(times: "array[int]", entries: set[int]) -> list[int]:
    """Positions of entries with frames decoded later but shown before, or the reverse."""
    found: list[int] = []
    entry, begins, latest = -1, 0, times[0] if times else 0
    for position, time in enumerate(times):
        if position in entries:
            entry, begins = position, time
            if position and time <= latest:
                found.append(position)
        elif entry >= 0 and time < begins and (not found or found[-1] != entry):
            found.append(entry)
        latest = max(latest, time)
    return found


def peak_rate(sizes: "array[int]", frame_seconds: float, seconds: float) -> int:
    """The highest rate of any `seconds` of frames that last `frame_seconds` each, in bits per second."""
    window = min(len(sizes), max(1, round(seconds / frame_seconds)))
    sums = [0, *accumulate(sizes)]
    most = max(after - before for before, after in zip(sums, sums[window:], strict=False))
    return round(most * 8 / (window * frame_seconds))


def found_in(frames: Frames, tick: Fraction, rates: list[Fraction], peak_seconds: float) -> dict[str, Any]:
    """What the frames say, with the names of `CodedPicture`; there is at least one. `tick` in seconds."""
    times = frames.times
    ordered = sorted(times)
    number = {time: n for n, time in enumerate(ordered)}
    rate = rate_of(ordered, tick, rates)
    gaps = [] if rate else uneven_gaps(ordered, tick)
    lasts = float((ordered[-1] - ordered[0]) * tick)
    frame_seconds = lasts / (len(ordered) - 1) if lasts else float(max(1, frames.last_duration) * tick)

    def places(positions: list[int]) -> dict[str, Any]:
        first = [number[times[position]] for position in positions[:_NAMED]]
        return {"count": len(positions), "first": sorted(first)}

    return {
        "frames": len(times),
        "rate": rate and str(rate),
        "uneven": len(gaps),
        "gaps": [{"frame": frame, "seconds": seconds} for frame, seconds in gaps[:_NAMED]],
        "last_frame_seconds": float(frames.last_duration * tick),
        "keyframes": sorted(number[times[position]] for position in frames.idr),
        "mixed": places(mixed_entries(times, {*frames.idr, *frames.places["other_entries"]})),
        **{name: places(positions) for name, positions in frames.places.items()},
        "reordering": max(position - number[time] for position, time in enumerate(times)),
        "peak_bps": peak_rate(frames.sizes, frame_seconds, peak_seconds),
    }


def scan(request: Request) -> dict[str, Any] | None:
    """What the file says of its picture, and its parameter sets in hex; None without a record of them."""
    units = Units(**request.units)
    with av.open(request.path, options=request.options) as container:
        stream: Any = container.streams[request.video]
        coding = stream.codec_context
        record = coding.extradata or b""
        if len(record) < units.record_bytes or record[0] != _RECORD_VERSION or stream.time_base is None:
            return None
        frames, resized = Frames(units, (record[units.length_at] & 3) + 1), False
        for packet in container.demux(stream):
            if packet.size:
                frames.add(packet)
                resized = resized or packet.has_sidedata("new_extradata")
        if not frames.times:
            return None
        rates = [Fraction(rate) for rate in request.rates]
        return {
            **found_in(frames, stream.time_base, rates, request.peak_seconds),
            "track": stream.id,
            "record": record.hex(),
            "in_band": [each.hex() for each in frames.sets],
            "new_record": resized,
            "width": coding.width,
            "height": coding.height,
            "sample_aspect_ratio": str(coding.sample_aspect_ratio or 1),
            # An edit list may also leave out samples without a trace.
            "left_out": max(frames.left_out, (stream.frames or 0) - len(frames.times)),
        }


def main() -> None:
    """Prints what was found: one line of JSON."""
    av.logging.set_level(None)
    print(json.dumps(scan(Request(**json.loads(sys.argv[1])))), flush=True)


if __name__ == "__main__":
    main()
