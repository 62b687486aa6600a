"""Compares a first release with the source that its picture was copied from: packets, frames, sound.

Everything is read with PyAV from the segments alone, as a player gets them.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from nightreel.media.planning.plan import Plan
from nightreel.media.programs.source_input import INPUT_OPTIONS, local
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE
from nightreel.media.source import SourceProbe
from nightreel.vocabulary.release import init_name, segment_name

AAC_FRAME_SECONDS = AAC_FRAME_SAMPLES / AUDIO_SAMPLE_RATE
_LOUD = 0.25
"""Of full scale, at the least, is a sound that begins; an encoder smears it by less than a frame."""


@dataclass(frozen=True)
class Heard:
    """When a sound starts and ends, and when it is first loud, in seconds; `loud` is None if it never is."""

    start: float
    end: float
    loud: float | None


def differences(path: Path, source: SourceProbe, plan: Plan, directory: Path) -> Iterator[str]:
    """A sentence about everything in which the release differs from its source."""
    name = next(item.name for item in plan.video if item.copied)
    parts = [_segment(directory, name, number) for number in range(plan.segments)]
    own = list(_frames(local(path), plan.video_stream, INPUT_OPTIONS))
    stored = _digests(io.BytesIO(_whole(directory, name, plan)), 0, {})
    if stored != _digests(local(path), plan.video_stream, INPUT_OPTIONS):
        yield "its packets are not those of the source"
    # Each segment by itself: nothing in it may need another one.
    shown = [frame for part in parts for frame in _frames(io.BytesIO(part), 0, {})]
    if shown != own:
        wrong = [number for number, (one, other) in enumerate(zip(shown, own, strict=False)) if one != other]
        yield f"{len(shown)} frames are decoded of {len(own)}; {len(wrong)} differ: {wrong[:5]}"
    end = float(plan.frames / plan.frame_rate)
    for sound in plan.audio:
        heard = _heard(io.BytesIO(_whole(directory, sound.name, plan)), 0, {})
        if abs(heard.start) > AAC_FRAME_SECONDS or abs(heard.end - end) > AAC_FRAME_SECONDS:
            lasts = f"from {heard.start:.3f} to {heard.end:.3f} s"
            yield f"{sound.name} lasts {lasts}, and the picture from 0 to {end:.3f} s"
        begins = _heard(local(path), sound.stream, INPUT_OPTIONS).loud
        expected = None if begins is None else max(0.0, begins - source.start - source.picture_start)
        if expected is not None and abs((heard.loud or 0.0) - expected) > AAC_FRAME_SECONDS:
            yield f"{sound.name} is first heard at {heard.loud} s, in the source at {expected} s"


def _segment(directory: Path, name: str, number: int) -> bytes:
    return (directory / init_name(name)).read_bytes() + (directory / segment_name(name, number)).read_bytes()


def _whole(directory: Path, name: str, plan: Plan) -> bytes:
    names = [init_name(name), *(segment_name(name, number) for number in range(plan.segments))]
    return b"".join((directory / each).read_bytes() for each in names)


def _digests(file: Any, stream: int, options: dict[str, str]) -> list[str]:
    with av.open(file, options=options) as container:
        packets = container.demux(container.streams[stream])
        return [hashlib.sha256(bytes(each)).hexdigest() for each in packets if each.size]


def _frames(file: Any, stream: int, options: dict[str, str]) -> Iterator[str]:
    """A hash of each picture, in the order in which they are shown."""
    with av.open(file, options=options) as container:
        for frame in container.decode(container.streams[stream]):
            yield hashlib.sha256(frame.to_ndarray(format="yuv420p").tobytes()).hexdigest()


def _heard(file: Any, stream: int, options: dict[str, str]) -> Heard:
    """What is heard from the first sample on. Times are those of the container's clock."""
    start = loud = end = None
    with av.open(file, options=options) as container:
        for frame in container.decode(container.streams[stream]):
            time = float((frame.pts or 0) * Fraction(frame.time_base or 1))
            start = time if start is None else start
            end = time + frame.samples / frame.sample_rate
            samples = np.abs(frame.to_ndarray())
            if samples.dtype.kind == "i":
                samples = samples / np.iinfo(samples.dtype).max
            above = np.flatnonzero(samples.max(axis=0) > _LOUD)
            if loud is None and above.size:
                loud = time + float(above[0]) / frame.sample_rate
    return Heard(start or 0.0, end or 0.0, loud)
