"""The suite `segments` of a transport stream: a row per segment, its picture and its sound together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from nightreel.checks.facts.release import ReleaseFacts
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.facts.segments import Timing
from nightreel.checks.facts.track import TrackFacts, renditions_in
from nightreel.checks.facts.transport_stream import TransportSegment
from nightreel.checks.suites.measures import UNREADABLE
from nightreel.checks.suites.rules import MISSING, Rule, Suite, absent, exactly, of_track, same, within
from nightreel.checks.suites.segment_rules import (
    FILE_RULES,
    SAME_BOUNDARIES,
    extinf_measures,
    frame_rules,
    gap,
    keyframe_gap,
    length_rules,
    listed_name,
    misplaced_keyframes,
    offset,
)
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE
from nightreel.vocabulary import release

_EXTINF_PRECISION_SECONDS = 0.000_001
"""Playlists give microseconds."""


@dataclass(frozen=True, kw_only=True)
class TransportSegmentRow:
    """One segment against the plan. Errors are measured minus planned.

    Columns in frames are of the picture, columns in samples of the sound; None where there is none.
    The last one compares it with another track, and is None where it is judged alone.
    """

    name: str
    listed_name: str
    planned_name: str
    exists: bool
    size: int
    fault: str | None
    decode_fault: str | None
    contents: str
    planned_contents: str
    resolution: str | None
    planned_resolution: str | None
    measured_frames: int | None
    planned_frames: int | None
    starts_with_idr: bool | None
    early_frames: int | None
    waiting_frames: float | None
    start_error_frames: float | None
    gap_frames: float | None
    misplaced_keyframes: int | None
    keyframe_gap_seconds: float | None
    sound_start_error_samples: float | None
    sound_gap_samples: float | None
    duration_seconds: float
    extinf_error_seconds: float
    rounded_extinf_over_target: float
    offset_from_first_variant_frames: float | None = None


def transport_segments_suite(
    tracks: Iterable[TrackFacts], plan: Plan, facts: ReleaseFacts | None = None
) -> Suite:
    """Every segment of tracks in MPEG transport streams. With `facts`, also as parts of that release."""
    rows = (
        row
        for rendition in renditions_in(tracks)
        for row in (_rows(rendition, plan) if facts is None else _rows_in_set(rendition, plan, facts))
    )
    return Suite("segments", TransportSegmentRow, tuple(rows), _rules(plan))


def _rules(plan: Plan) -> tuple[Rule, ...]:
    return (
        *FILE_RULES,
        *of_track(
            absent("segment-whole", "fault", "A segment is damaged"),
            absent("segment-decodes", "decode_fault", "A segment cannot be decoded"),
            same(
                "segment-contents",
                "contents",
                "planned_contents",
                "A segment does not hold the planned streams",
            ),
            same(
                "segment-resolution",
                "resolution",
                "planned_resolution",
                "A segment's picture is not of the planned size",
            ),
        ),
        *frame_rules(plan),
        SAME_BOUNDARIES,
        *of_track(
            exactly(
                "decoded-when-shown",
                "waiting_frames",
                0,
                "Frames wait between decoding and display, which players take for late frames",
            ),
            exactly(
                "segment-gap-free", "gap_frames", 0, "A segment does not start where the one before it ends"
            ),
            within(
                "audio-segment-start",
                "sound_start_error_samples",
                -AAC_FRAME_SAMPLES,
                AAC_FRAME_SAMPLES,
                "The sound of a segment starts more than one AAC frame from where it should",
            ),
            exactly(
                "audio-gap-free",
                "sound_gap_samples",
                0,
                "The sound does not continue where the previous segment's ended",
            ),
        ),
        *length_rules(plan, _EXTINF_PRECISION_SECONDS),
    )


def _rows(rendition: Rendition, plan: Plan) -> Iterator[TransportSegmentRow]:
    sizes = {item.name: f"{item.width}x{item.height}" for item in plan.video}
    is_picture = rendition.name in sizes
    has_sound = not is_picture or plan.muxed_sound is not None
    picture_before = sound_before = None
    for number, segment in enumerate(rendition.transport):
        picture = segment.picture.timing if segment.picture else None
        sound = segment.sound.timing if segment.sound else None
        main = picture if is_picture else sound
        planned_start = plan.grid.first_frame(number) / plan.frame_rate
        yield TransportSegmentRow(
            name=segment.name,
            listed_name=listed_name(rendition, number),
            planned_name=release.segment_name(rendition.name, number, plan.container),
            exists=segment.exists,
            size=segment.size,
            fault=segment.fault or None,
            decode_fault=segment.decode_fault or None,
            contents=segment.contents or "nothing",
            planned_contents=_planned_contents(is_picture, has_sound),
            resolution=_resolution(segment) if is_picture else None,
            planned_resolution=sizes.get(rendition.name),
            measured_frames=(picture.samples if picture else 0) if is_picture else None,
            planned_frames=plan.grid.frames_of(number) if is_picture else None,
            starts_with_idr=(picture is not None and picture.keyframes[:1] == (0,)) if is_picture else None,
            early_frames=(picture.early_frames if picture else 0) if is_picture else None,
            waiting_frames=_waiting(picture, plan) if is_picture else None,
            start_error_frames=_start_error(picture, planned_start, plan) if is_picture else None,
            gap_frames=gap(picture_before, picture, number, plan.frame_rate) if is_picture else None,
            misplaced_keyframes=misplaced_keyframes(picture, number, plan) if is_picture else None,
            keyframe_gap_seconds=keyframe_gap(picture, plan) if is_picture else None,
            sound_start_error_samples=_sound_error(sound, planned_start) if has_sound else None,
            sound_gap_samples=gap(sound_before, sound, number, Fraction(AUDIO_SAMPLE_RATE))
            if has_sound
            else None,
            duration_seconds=float(main.duration) if main else MISSING,
            **extinf_measures(rendition, main, number),
        )
        picture_before, sound_before = picture, sound


def _rows_in_set(rendition: Rendition, plan: Plan, facts: ReleaseFacts) -> Iterator[TransportSegmentRow]:
    first = facts.rendition(plan.video[0].name)
    is_picture = rendition.name in {item.name for item in plan.video}
    for number, (row, segment) in enumerate(zip(_rows(rendition, plan), rendition.segments, strict=True)):
        error = offset(segment.timing, first, number, plan) if is_picture else None
        yield replace(row, offset_from_first_variant_frames=error)


def _planned_contents(is_picture: bool, has_sound: bool) -> str:
    return " and ".join([*(["h264"] if is_picture else []), *(["aac"] if has_sound else [])])


def _resolution(segment: TransportSegment) -> str:
    frame = segment.first_frame
    return f"{frame.width}x{frame.height}" if frame else UNREADABLE


def _waiting(picture: Timing | None, plan: Plan) -> float:
    """Frames between the decoding and the showing of the first one."""
    return (
        MISSING if picture is None else float((picture.shown_start - picture.decode_start) * plan.frame_rate)
    )


def _start_error(picture: Timing | None, planned: Fraction, plan: Plan) -> float:
    return MISSING if picture is None else float((picture.shown_start - planned) * plan.frame_rate)


def _sound_error(sound: Timing | None, planned: Fraction) -> float:
    return MISSING if sound is None else float((sound.shown_start - planned) * AUDIO_SAMPLE_RATE)
