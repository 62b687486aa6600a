"""The movie fragments of a CMAF segment: exact times, sync samples and byte ranges.

Read from the boxes themselves, because FFmpeg shifts all times of a track whose
composition offsets are negative (ISO/IEC 14496-12, 8.8).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from nightreel.checks.facts.boxes import Box, BoxError, boxes, child, number
from nightreel.checks.facts.init_segment import Track

_NON_SYNC = 0x10000
_BASE_OFFSET, _DESCRIPTION, _DURATION, _SIZE, _FLAGS = 0x1, 0x2, 0x8, 0x10, 0x20
_RUN_OFFSET, _RUN_FIRST_FLAGS = 0x1, 0x4
_RUN_DURATION, _RUN_SIZE, _RUN_FLAGS, _RUN_COMPOSITION = 0x100, 0x200, 0x400, 0x800


MOST_SAMPLES = 100_000
"""Of one segment, which has six seconds. A count takes four bytes, and would fill any memory."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample in decode order. Duration and composition offset in ticks, size in bytes."""

    duration: int
    size: int
    flags: int
    composition: int

    @property
    def sync(self) -> bool:
        """Whether decoding can begin with it (ISO/IEC 14496-12, 8.8.3.1)."""
        return not self.flags & _NON_SYNC


@dataclass(frozen=True, slots=True)
class Fragment:
    """One moof and its mdat. Offsets in bytes within the segment, times in ticks.

    `first_sample_end` is where the first sample's bytes end: a byte range from `start` to
    there is what an I-frame playlist names.
    """

    start: int
    track_id: int
    decode_start: int
    payload_start: int
    samples: tuple[Sample, ...]

    @property
    def decode_end(self) -> int:
        """In ticks of the track's time scale."""
        return self.decode_start + sum(sample.duration for sample in self.samples)

    @property
    def first_sample_end(self) -> int:
        """Where its bytes end, as a position within the segment."""
        return self.payload_start + self.samples[0].size

    @property
    def presentation_times(self) -> tuple[int, ...]:
        """When each sample is shown, in ticks, in the order of decoding."""
        starts = accumulate((sample.duration for sample in self.samples[:-1]), initial=self.decode_start)
        return tuple(start + sample.composition for start, sample in zip(starts, self.samples, strict=True))


def read_fragments(data: bytes, track: Track) -> tuple[Fragment, ...]:
    """The fragments of a segment. Raises BoxError when it is not whole, or holds none.

    Whole means that every sample has its bytes, and every byte of media data its sample.
    """
    fragments = tuple(_fragments(data, track))
    if not fragments:
        raise BoxError("the segment holds no fragment")
    return fragments


def _fragments(data: bytes, track: Track) -> Iterator[Fragment]:
    header: Box | None = None
    samples = 0
    for box in boxes(data):
        if box.kind == "moof":
            if header is not None:
                raise BoxError(f"the moof box at byte {header.start} has no media data")
            header = box
        elif box.kind == "mdat":
            if header is None:
                raise BoxError(f"the mdat box at byte {box.start} has no moof before it")
            fragment = _fragment(data, header, box, track, MOST_SAMPLES - samples)
            yield fragment
            samples += len(fragment.samples)
            header = None
    if header is not None:
        raise BoxError(f"the moof box at byte {header.start} has no media data")


def _fragment(data: bytes, header: Box, payload: Box, track: Track, most: int) -> Fragment:
    runs = [box for box in boxes(data, header.body, header.end) if box.kind == "traf"]
    if len(runs) != 1:
        raise BoxError(f"the moof box at byte {header.start} holds {len(runs)} tracks instead of one")
    traf = runs[0]
    track_id, defaults = _defaults(data, child(data, traf, "tfhd"), track)
    samples: list[Sample] = []
    size = 0
    for run in (box for box in boxes(data, traf.body, traf.end) if box.kind == "trun"):
        _require_contiguous(data, run, header, payload.body + size)
        found = _samples(data, run, defaults, most - len(samples))
        samples += found
        size += sum(sample.size for sample in found)
    if not samples or size != payload.end - payload.body:
        raise BoxError(
            f"the fragment at byte {header.start} describes {size} bytes of media data, "
            f"but {payload.end - payload.body} are there"
        )
    return Fragment(
        start=header.start,
        track_id=track_id,
        decode_start=_decode_time(data, child(data, traf, "tfdt")),
        payload_start=payload.body,
        samples=tuple(samples),
    )


def _defaults(data: bytes, header: Box, track: Track) -> tuple[int, Sample]:
    """The track's id, and a sample as it is where a run says nothing of its own."""
    flags = number(data, header, 1, 3)
    position = 8 + (8 if flags & _BASE_OFFSET else 0) + (4 if flags & _DESCRIPTION else 0)
    values = []
    for flag, fallback in (
        (_DURATION, track.default_duration),
        (_SIZE, track.default_size),
        (_FLAGS, track.default_flags),
    ):
        if flags & flag:
            values.append(number(data, header, position, 4))
            position += 4
        else:
            values.append(fallback)
    return number(data, header, 4, 4), Sample(values[0], values[1], values[2], 0)


def _decode_time(data: bytes, box: Box) -> int:
    return number(data, box, 4, 8 if number(data, box, 0, 1) == 1 else 4)


def _require_contiguous(data: bytes, run: Box, header: Box, expected: int) -> None:
    if number(data, run, 1, 3) & _RUN_OFFSET:
        offset = header.start + number(data, run, 8, 4, signed=True)
        if offset != expected:
            raise BoxError(
                f"the fragment at byte {header.start} points to byte {offset} for media data "
                f"that begin at {expected}"
            )


def _samples(data: bytes, run: Box, defaults: Sample, most: int) -> list[Sample]:
    flags, count = number(data, run, 1, 3), number(data, run, 4, 4)
    position = 8 + (4 if flags & _RUN_OFFSET else 0)
    first_flags: int | None = None
    if flags & _RUN_FIRST_FLAGS:
        first_flags = number(data, run, position, 4)
        position += 4
    fields = [flag for flag in (_RUN_DURATION, _RUN_SIZE, _RUN_FLAGS, _RUN_COMPOSITION) if flags & flag]
    if count > most:
        raise BoxError(f"the segment promises more than {MOST_SAMPLES} samples")
    if run.body + position + 4 * len(fields) * count > run.end:
        raise BoxError(f"the trun box at byte {run.start} promises {count} samples, more than it holds")
    signed = number(data, run, 0, 1) >= 1
    samples = []
    for index in range(count):
        own = {
            flag: number(data, run, position + 4 * offset, 4, signed=signed and flag == _RUN_COMPOSITION)
            for offset, flag in enumerate(fields)
        }
        position += 4 * len(fields)
        fallback = defaults.flags if index or first_flags is None else first_flags
        samples.append(
            Sample(
                duration=own.get(_RUN_DURATION, defaults.duration),
                size=own.get(_RUN_SIZE, defaults.size),
                flags=own.get(_RUN_FLAGS, fallback),
                composition=own.get(_RUN_COMPOSITION, 0),
            )
        )
    return samples
