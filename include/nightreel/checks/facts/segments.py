"""One media segment, measured: its boxes read, its packets demuxed, some frames decoded."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from nightreel.checks.facts.boxes import BoxError
from nightreel.checks.facts.decoding import Decoded, decode
from nightreel.checks.facts.fragments import Fragment, read_fragments
from nightreel.checks.facts.init_segment import Track
from nightreel.checks.facts.random_access import starts_with_idr
from nightreel.vocabulary.protection import ContentKey


@dataclass(frozen=True, slots=True)
class Timing:
    """When a segment's samples are decoded and shown, in seconds of the title.

    `keyframes` are the positions of the sync samples (of pictures only: every sample of
    sound is one), `early_frames` how many samples are shown before the first one of the
    segment, `byte_ranges` from each fragment's start to the end of its first sample.
    """

    decode_start: Fraction
    decode_end: Fraction
    shown_start: Fraction
    shown_end: Fraction
    samples: int
    keyframes: tuple[int, ...]
    early_frames: int
    byte_ranges: tuple[tuple[int, int], ...]

    @property
    def duration(self) -> Fraction:
        """In seconds."""
        return self.decode_end - self.decode_start


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment file. `size` in bytes, 0 when it is missing; faults are sentences or empty."""

    name: str
    exists: bool
    size: int
    track_id: int | None = None
    timing: Timing | None = None
    starts_with_idr: bool = False
    box_fault: str = ""
    decoded: Decoded = field(default_factory=Decoded)


def measure_segment(
    path: Path,
    init: bytes,
    track: Track | None,
    key: ContentKey | None = None,
    decoded_frames: int | None = 1,
) -> Segment:
    """Measure one segment, decrypted with `key`; so many frames of its start are decoded, or all for None.

    Damage is reported in the faults, never raised.
    """
    if not path.is_file():
        return Segment(path.name, exists=False, size=0, box_fault="the file is missing")
    data = path.read_bytes()
    timing, track_id, idr, box_fault = _read_boxes(data, track)
    return Segment(
        name=path.name,
        exists=True,
        size=len(data),
        track_id=track_id,
        timing=timing,
        starts_with_idr=idr,
        box_fault=box_fault,
        decoded=decode(init + data, key, decoded_frames),
    )


def _read_boxes(data: bytes, track: Track | None) -> tuple[Timing | None, int | None, bool, str]:
    if track is None:
        return None, None, False, "the init segment cannot be read"
    if not data:
        return None, None, False, "the file is empty"
    try:
        fragments = read_fragments(data, track)
    except BoxError as error:
        return None, None, False, str(error)
    idr = starts_with_idr(data, fragments[0], track)
    return _timing(fragments, track), fragments[0].track_id, idr, ""


def _timing(fragments: tuple[Fragment, ...], track: Track) -> Timing:
    timescale, is_video = track.timescale, track.handler == "vide"
    times = [time for fragment in fragments for time in fragment.presentation_times]
    samples = [sample for fragment in fragments for sample in fragment.samples]
    ends = [time + sample.duration for time, sample in zip(times, samples, strict=True)]
    return Timing(
        decode_start=Fraction(fragments[0].decode_start, timescale),
        decode_end=Fraction(fragments[-1].decode_end, timescale),
        shown_start=Fraction(min(times), timescale),
        shown_end=Fraction(max(ends), timescale),
        samples=len(samples),
        keyframes=tuple(position for position, sample in enumerate(samples) if is_video and sample.sync),
        early_frames=sum(time < times[0] for time in times),
        byte_ranges=tuple((fragment.start, fragment.first_sample_end) for fragment in fragments),
    )
