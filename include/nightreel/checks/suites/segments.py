"""The suite `segments`: a row per segment that a player would load."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from nightreel.checks.facts.mpd import TimelineEntry
from nightreel.checks.facts.release import ReleaseFacts
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.facts.segments import Segment, Timing
from nightreel.checks.facts.track import TrackFacts, renditions_in
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
from nightreel.media.renditions import AAC_FRAME_SAMPLES
from nightreel.vocabulary import release

_LARGEST_LOOK_DIFFERENCE = 24.0
"""Far more than coding does at any rate: what is above it is another moment, or garbage."""
_EXTINF_PRECISION_SECONDS = 0.001
"""Playlists give milliseconds."""
_SECOND = Fraction(1)


@dataclass(frozen=True, kw_only=True)
class SegmentRow:
    """One segment against the plan. Errors are measured minus planned.

    Columns in frames are for pictures, in samples for sound, and None for the other. The last ones
    compare it with other tracks and with the MPD, and are None where it is judged alone.
    """

    name: str
    listed_name: str
    planned_name: str
    exists: bool
    size: int
    box_fault: str | None
    demux_fault: str | None
    decode_fault: str | None
    track_id: int | None
    init_track_id: int | None
    packets: int
    samples: int
    planned_frames: int | None
    measured_frames: int | None
    starts_with_idr: bool | None
    early_frames: int | None
    start_error_frames: float | None
    start_error_samples: float | None
    gap_seconds: float
    duration_seconds: float
    misplaced_keyframes: int | None
    keyframe_gap_seconds: float | None
    extinf_error_seconds: float
    rounded_extinf_over_target: float
    offset_from_first_variant_frames: float | None = None
    look_difference: float | None = None
    """From the same moment of the first variant of its range: mean of the luma's, of 0 to 255."""
    mpd_start_error_seconds: float | None = None
    mpd_duration_error_seconds: float | None = None


def segments_suite(tracks: Iterable[TrackFacts], plan: Plan, facts: ReleaseFacts | None = None) -> Suite:
    """Every segment of tracks in CMAF. With `facts`, also as parts of that release."""
    rows = (
        row
        for rendition in renditions_in(tracks)
        for row in (_rows(rendition, plan) if facts is None else _rows_in_set(rendition, plan, facts))
    )
    return Suite("segments", SegmentRow, tuple(rows), _rules(plan))


def _rules(plan: Plan) -> tuple[Rule, ...]:
    return (
        *FILE_RULES,
        *of_track(
            absent("segment-whole", "box_fault", "A segment is damaged"),
            absent("segment-demuxes", "demux_fault", "A segment cannot be demuxed"),
            absent("segment-decodes", "decode_fault", "A segment cannot be decoded"),
            same("segment-track", "track_id", "init_track_id", "A segment belongs to the wrong track"),
            same(
                "segment-packets",
                "packets",
                "samples",
                "A segment does not hold the packets that it describes",
            ),
        ),
        *frame_rules(plan),
        SAME_BOUNDARIES,
        *of_track(
            within(
                "audio-segment-start",
                "start_error_samples",
                -AAC_FRAME_SAMPLES,
                AAC_FRAME_SAMPLES,
                "A segment of sound starts more than one AAC frame from where the picture's starts",
            )
        ),
        within(
            "same-picture",
            "look_difference",
            0,
            _LARGEST_LOOK_DIFFERENCE,
            "A segment does not show the same picture as the first variant",
        ),
        *of_track(
            exactly(
                "segment-gap-free", "gap_seconds", 0, "A segment does not start where the one before it ends"
            )
        ),
        *length_rules(plan, _EXTINF_PRECISION_SECONDS),
        exactly("mpd-start", "mpd_start_error_seconds", 0, "The MPD gives the wrong start for a segment"),
        exactly(
            "mpd-duration", "mpd_duration_error_seconds", 0, "The MPD gives the wrong duration for a segment"
        ),
    )


def _rows(rendition: Rendition, plan: Plan) -> Iterator[SegmentRow]:
    is_video, before = rendition.i_frames is not None, None
    for number, segment in enumerate(rendition.segments):
        planned_start = plan.grid.first_frame(number) / plan.frame_rate
        timing = segment.timing
        # A segment that cannot be timed is told once, by its damage; its other rules still
        # fail, since nothing proves them.
        start_error = _error(timing.shown_start if timing else None, planned_start)
        yield SegmentRow(
            name=segment.name,
            listed_name=listed_name(rendition, number),
            planned_name=release.segment_name(rendition.name, number),
            exists=segment.exists,
            size=segment.size,
            box_fault=segment.box_fault or None,
            demux_fault=segment.decoded.demux_fault or None,
            decode_fault=segment.decoded.decode_fault or None,
            track_id=segment.track_id,
            init_track_id=rendition.track.track_id if rendition.track else None,
            packets=segment.decoded.packets,
            samples=timing.samples if timing else 0,
            planned_frames=plan.grid.frames_of(number) if is_video else None,
            measured_frames=(timing.samples if timing else 0) if is_video else None,
            starts_with_idr=segment.starts_with_idr if is_video else None,
            early_frames=(timing.early_frames if timing else 0) if is_video else None,
            start_error_frames=start_error * float(plan.frame_rate) if is_video else None,
            start_error_samples=None if is_video else start_error * _sample_rate(rendition),
            gap_seconds=gap(before, timing, number, _SECOND),
            duration_seconds=float(timing.duration) if timing else MISSING,
            misplaced_keyframes=misplaced_keyframes(timing, number, plan) if is_video else None,
            keyframe_gap_seconds=keyframe_gap(timing, plan) if is_video else None,
            **extinf_measures(rendition, timing, number),
        )
        before = timing


def _rows_in_set(rendition: Rendition, plan: Plan, facts: ReleaseFacts) -> Iterator[SegmentRow]:
    first, model = facts.rendition(plan.video[0].name), _model(rendition, facts, plan)
    said = facts.mpd.representation(rendition.name)
    timeline = said.timeline if said else ()
    for number, (row, segment) in enumerate(zip(_rows(rendition, plan), rendition.segments, strict=True)):
        start_error, duration_error = _mpd_errors(timeline, segment.timing, number)
        yield replace(
            row,
            offset_from_first_variant_frames=offset(segment.timing, first, number, plan) if model else None,
            look_difference=_look_difference(segment, model, number) if model else None,
            mpd_start_error_seconds=start_error,
            mpd_duration_error_seconds=duration_error,
        )


def _sample_rate(rendition: Rendition) -> int:
    return rendition.track.timescale if rendition.track else 1


def _error(measured: Fraction | None, expected: Fraction) -> float:
    return MISSING if measured is None else float(measured - expected)


def _model(rendition: Rendition, facts: ReleaseFacts, plan: Plan) -> Rendition | None:
    """The first variant of the same dynamic range, which a picture must look like; None for sound."""
    ranges = {item.name: item.dynamic_range for item in plan.video}
    wanted = ranges.get(rendition.name)
    name = next((name for name, found in ranges.items() if found == wanted), None)
    return facts.rendition(name) if name else None


def _look_difference(segment: Segment, model: Rendition, number: int) -> float:
    ours = segment.decoded.picture
    theirs = model.segments[number].decoded.picture if number < len(model.segments) else None
    if ours is None or theirs is None:
        return MISSING
    return sum(abs(a - b) for a, b in zip(ours.look, theirs.look, strict=True)) / len(ours.look)


def _mpd_errors(
    timeline: tuple[TimelineEntry, ...], timing: Timing | None, number: int
) -> tuple[float, float]:
    """By how many seconds the MPD gives a segment a later start, and a longer duration, than measured."""
    if timing is None or number >= len(timeline):
        return MISSING, MISSING
    said = timeline[number]
    return float(said.start - timing.decode_start), float(said.duration - timing.duration)
