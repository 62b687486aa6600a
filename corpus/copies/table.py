"""What became of the clips, as a Markdown table."""

from collections.abc import Sequence
from itertools import pairwise

from corpus.copies.releases import Copied

_HEAD = """# Which pictures are copied

Made by `make corpus COPIES=1`. A clip whose picture may be copied gets a first release (the source's own
packets, and its sound encoded) and a complete one (with other renditions, encoded on the same keyframes).
The gate judges both. Then packets and decoded frames are compared with the source's, and where the sound
begins and ends; hls.js, dash.js and shaka-player play the first release, from its start and every second.
{count} clips, {copied} copied, {agreeing} as expected.

| clip | what it is | picture | segments | players | |
|---|---|---|---|---|---|
"""
_PREFIX = "Its picture is not copied: "


def markdown(outcomes: Sequence[Copied]) -> str:
    """One line for each clip."""
    head = _HEAD.format(
        count=len(outcomes),
        copied=sum(outcome.plan is not None for outcome in outcomes),
        agreeing=sum(outcome.as_expected for outcome in outcomes),
    )
    return head + "".join(map(_row, outcomes))


def _row(outcome: Copied) -> str:
    cells = (
        outcome.case.name,
        outcome.case.what,
        _picture(outcome),
        _segments(outcome),
        _players(outcome),
        "✓" if outcome.as_expected else "✗",
    )
    return f"| {' | '.join(map(_cell, cells))} |\n"


def _picture(outcome: Copied) -> str:
    if outcome.faults:
        return f"copied, but: {'; '.join(outcome.faults)}"
    if not outcome.reasons:
        return "copied"
    first, *others = outcome.reasons
    told = f"not copied: {first.removeprefix(_PREFIX).rstrip('.')}"
    return told + (f" (and {len(others)} more)" if others else "")


def _segments(outcome: Copied) -> str:
    if outcome.plan is None:
        return ""
    grid = outcome.plan.grid
    lengths = sorted(
        float((end - start) / grid.frame_rate) for start, end in pairwise((*grid.cuts, grid.frames))
    )
    return f"{len(lengths)} of {lengths[0]:.2f} to {lengths[-1]:.2f} s"


def _players(outcome: Copied) -> str:
    wrong = [f"{player}: {fault}" for player, fault in outcome.players.items() if fault]
    return "; ".join(wrong) if wrong else ", ".join(outcome.players)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
