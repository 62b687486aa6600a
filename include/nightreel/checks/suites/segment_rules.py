"""What holds of every segment, whichever container it has: rules, and how they are measured."""

from fractions import Fraction
from itertools import pairwise

from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.facts.segments import Timing
from nightreel.checks.suites.rules import (
    MISSING,
    Rule,
    advised,
    exactly,
    holds,
    of_track,
    same,
    within,
)
from nightreel.media.planning.plan import Plan

_LONGEST_OVER_TARGET_SECONDS = 0.5
_LONGEST_KEYFRAME_GAP_SECONDS = 2.0
"""Apple HLS authoring rule 1.13."""
_LONGEST_SEGMENT_SECONDS = 6.5
"""Apple HLS authoring rules 7.5 and 7.7."""

FILE_RULES = of_track(
    same(
        "segment-order", "listed_name", "planned_name", "The playlist does not name the expected segment here"
    ),
    holds("segment-exists", "exists", "A segment is missing"),
    within("segment-not-empty", "size", 1, None, "A segment is empty"),
)
SAME_BOUNDARIES = exactly(
    "same-boundaries",
    "offset_from_first_variant_frames",
    0,
    "A segment does not start where the other variants' segments do",
)


def frame_rules(plan: Plan) -> tuple[Rule, ...]:
    """How far apart keyframes are is advice where the plan took over those of the source."""
    often = within(
        "keyframe-interval",
        "keyframe_gap_seconds",
        0,
        _LONGEST_KEYFRAME_GAP_SECONDS,
        "Keyframes are more than 2 s apart",
    )
    return of_track(
        same(
            "segment-frames", "measured_frames", "planned_frames", "A segment has too many or too few frames"
        ),
        holds("segment-starts-with-idr", "starts_with_idr", "A segment does not start with an IDR frame"),
        exactly("segment-closed", "early_frames", 0, "A segment shows frames before its first keyframe"),
        exactly("segment-start", "start_error_frames", 0, "A segment does not start on its planned frame"),
        exactly(
            "keyframe-grid",
            "misplaced_keyframes",
            0,
            "A keyframe is missing from its planned frame, or is on another",
        ),
        advised(often) if plan.has_own_grid else often,
    )


def length_rules(plan: Plan, extinf_precision: float) -> tuple[Rule, ...]:
    """`extinf_precision` is that of the playlists' EXTINF, in seconds."""
    longest = plan.segment_duration + _LONGEST_OVER_TARGET_SECONDS
    usual = within(
        "segment-length-usual",
        "duration_seconds",
        0,
        _LONGEST_SEGMENT_SECONDS,
        f"A segment is longer than {_LONGEST_SEGMENT_SECONDS} s",
    )
    return of_track(
        *([advised(usual)] if plan.has_own_grid else []),
        within(
            "segment-length",
            "duration_seconds",
            0,
            longest,
            f"A segment is longer than the target and half a second ({longest:.3f} s)",
        ),
        within(
            "extinf",
            "extinf_error_seconds",
            -extinf_precision,
            extinf_precision,
            "EXTINF is not the segment's duration",
        ),
        within(
            "extinf-within-target",
            "rounded_extinf_over_target",
            None,
            0,
            "EXTINF, rounded, is more than EXT-X-TARGETDURATION",
        ),
    )


def listed_name(rendition: Rendition, number: int) -> str:
    """The name of a segment in the rendition's playlist; empty where it lists fewer."""
    entries = rendition.playlist.entries
    return entries[number].uri if number < len(entries) else ""


def offset(timing: Timing | None, first: Rendition, number: int, plan: Plan) -> float:
    """Frames from where the same segment of the first variant starts."""
    other = first.segments[number].timing if number < len(first.segments) else None
    if timing is None or other is None:
        return MISSING
    return float((timing.shown_start - other.shown_start) * plan.frame_rate)


def gap(before: Timing | None, timing: Timing | None, number: int, units: Fraction) -> float:
    """From the end of the segment before, or from the title's start; so many `units` are a second."""
    if timing is None:
        return MISSING
    if number == 0:
        return float(timing.shown_start * units)
    return MISSING if before is None else float((timing.decode_start - before.decode_end) * units)


def misplaced_keyframes(timing: Timing | None, number: int, plan: Plan) -> int:
    """How many keyframes of a segment are on other frames than planned, or missing from them."""
    return len(set(timing.keyframes if timing else ()) ^ set(plan.grid.keyframes_of(number)))


def keyframe_gap(timing: Timing | None, plan: Plan) -> float:
    """Seconds between keyframes, or from the last one to the segment's end, where most."""
    if timing is None or not timing.keyframes:
        return MISSING
    positions = (0, *timing.keyframes, timing.samples)
    frames = max(after - before for before, after in pairwise(positions))
    return float(frames / plan.frame_rate)


def extinf_measures(rendition: Rendition, timing: Timing | None, number: int) -> dict[str, float]:
    """What the playlist says of a segment, against what was measured, in seconds; by column."""
    entries, target = rendition.playlist.entries, rendition.playlist.target_duration
    entry = entries[number] if number < len(entries) else None
    return {
        "extinf_error_seconds": entry.seconds - float(timing.duration) if entry and timing else MISSING,
        "rounded_extinf_over_target": (
            int(entry.seconds + 0.5) - target if entry and target is not None else MISSING
        ),
    }
