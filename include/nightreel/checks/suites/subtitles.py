"""The suite `subtitles`: a row per segment of text, and one per language as a whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from nightreel.checks.facts.subtitles import Subtitles
from nightreel.checks.facts.track import TrackFacts, subtitles_in
from nightreel.checks.facts.webvtt import Cue, WebVtt
from nightreel.checks.suites.rules import MISSING, Rule, Suite, absent, exactly, of_track, same, within
from nightreel.media.planning.plan import Plan
from nightreel.vocabulary import release

_PRECISION_SECONDS = 0.001
"""Playlists and cues give milliseconds."""

RULES: tuple[Rule, ...] = of_track(
    absent("text-readable", "fault", "Subtitles cannot be read"),
    same(
        "text-order",
        "listed_name",
        "planned_name",
        "A subtitle playlist does not name the expected segment here",
    ),
    same("text-segments", "segments", "planned_segments", "Subtitles have too many or too few segments"),
    within(
        "text-extinf",
        "extinf_error_seconds",
        -_PRECISION_SECONDS,
        _PRECISION_SECONDS,
        "EXTINF does not match the picture's segment boundaries",
    ),
    exactly(
        "text-clock",
        "clock_error_seconds",
        0,
        "A subtitle segment has no X-TIMESTAMP-MAP, or one that does not match the picture's clock",
    ),
    exactly("text-inside", "cues_elsewhere", 0, "A subtitle segment has a cue that is not shown during it"),
    exactly("text-complete", "cues_left_out", 0, "A cue is missing from a segment during which it is shown"),
    exactly("text-ends", "cues_past_the_end", 0, "A cue is shown after the title's end"),
)


@dataclass(frozen=True, kw_only=True)
class SubtitlesRow:
    """A segment, or a whole track. Errors in seconds; None where a rule is not about the row."""

    name: str
    fault: str | None
    listed_name: str | None = None
    planned_name: str | None = None
    segments: int | None = None
    planned_segments: int | None = None
    extinf_error_seconds: float | None = None
    clock_error_seconds: float | None = None
    cues_elsewhere: int | None = None
    cues_left_out: int | None = None
    cues_past_the_end: int | None = None


def subtitles_suite(tracks: Iterable[TrackFacts], plan: Plan) -> Suite:
    """Every track of subtitles: its segments, and its whole file for DASH."""
    rows = (row for text in subtitles_in(tracks) for row in _rows(text, plan))
    return Suite("subtitles", SubtitlesRow, tuple(rows), RULES)


def _rows(text: Subtitles, plan: Plan) -> Iterator[SubtitlesRow]:
    end = plan.frames / plan.frame_rate + Fraction(1, 1000)
    yield SubtitlesRow(
        name=text.whole.name,
        fault=text.whole.fault or None,
        segments=len(text.segments),
        planned_segments=plan.segments,
        cues_past_the_end=sum(cue.end > end for cue in text.whole.cues),
    )
    grid = plan.grid
    for number, segment in enumerate(text.segments):
        start, end = (grid.first_frame(position) / plan.frame_rate for position in (number, number + 1))
        yield _segment_row(text, segment, number, (start, end))


def _segment_row(
    text: Subtitles, segment: WebVtt, number: int, span: tuple[Fraction, Fraction]
) -> SubtitlesRow:
    entries = text.playlist.entries
    entry = entries[number] if number < len(entries) else None
    shown = {cue for cue in text.whole.cues if _overlaps(cue, span)}
    return SubtitlesRow(
        name=segment.name,
        fault=segment.fault or None,
        listed_name=entry.uri if entry else "",
        planned_name=release.segment_name(text.name, number),
        extinf_error_seconds=entry.seconds - float(span[1] - span[0]) if entry else MISSING,
        # The clock of every picture starts at 0.
        clock_error_seconds=MISSING if segment.offset is None else float(segment.offset),
        cues_elsewhere=sum(not _overlaps(cue, span) for cue in segment.cues),
        cues_left_out=len(shown - set(segment.cues)),
    )


def _overlaps(cue: Cue, span: tuple[Fraction, Fraction]) -> bool:
    return cue.start < span[1] and cue.end > span[0]
