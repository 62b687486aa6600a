"""The suite `stills`: the index of the sprite sheets, and a row per part that it names."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from nightreel.checks.facts.release import ReleaseFacts
from nightreel.checks.suites.rules import MISSING, Rule, Suite, absent, exactly, holds, within
from nightreel.media.planning.plan import Plan

_MILLISECOND = 0.001
"""Cues give milliseconds."""

RULES: tuple[Rule, ...] = (
    absent("sprite-index-readable", "fault", "The index of the sprite sheets cannot be read"),
    exactly("sprite-gap-free", "gap_seconds", 0, "A sprite does not begin where the one before it ends"),
    within("sprite-not-empty", "seconds", _MILLISECOND, None, "A sprite has no duration"),
    within(
        "sprite-interval",
        "seconds_over_interval",
        None,
        _MILLISECOND,
        "A sprite covers more seconds than planned",
    ),
    within(
        "sprites-to-the-end",
        "end_error_seconds",
        -_MILLISECOND,
        _MILLISECOND,
        "The sprites do not end with the title",
    ),
    holds("sprite-address", "names_a_part", "A cue names no part of a sprite sheet"),
    exactly("sprite-inside-its-sheet", "pixels_outside", 0, "A sprite reaches beyond its sheet"),
)


@dataclass(frozen=True, kw_only=True)
class StillRow:
    """The index, or one part that it names. Times in seconds; None where a rule is not about the row."""

    name: str
    fault: str | None = None
    end_error_seconds: float | None = None
    gap_seconds: float | None = None
    seconds: float | None = None
    seconds_over_interval: float | None = None
    names_a_part: bool | None = None
    pixels_outside: int | None = None


def stills_suite(facts: ReleaseFacts, plan: Plan) -> Suite:
    """Thumbnails, sprites and the poster."""
    return Suite("stills", StillRow, tuple(_rows(facts, plan)), RULES)


def _rows(facts: ReleaseFacts, plan: Plan) -> Iterator[StillRow]:
    index = facts.sprites
    yield StillRow(
        name=index.name,
        fault=index.fault or None,
        end_error_seconds=float(index.tiles[-1].end) - plan.duration if index.tiles else MISSING,
    )
    shown_until = Fraction(0)
    for number, tile in enumerate(index.tiles):
        seconds = float(tile.end - tile.start)
        yield StillRow(
            name=f"{index.name}: {number}",
            gap_seconds=float(tile.start - shown_until),
            seconds=seconds,
            seconds_over_interval=seconds - plan.sprite_seconds,
            names_a_part=tile.area > 0,
            pixels_outside=tile.pixels_outside,
        )
        shown_until = tile.end
