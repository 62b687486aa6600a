"""Segmented WebVTT for HLS (RFC 8216, section 3.5), and the whole track for DASH."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor
from pathlib import Path

from nightreel.media.cues import Cue, read_cues, write_cues
from nightreel.media.packaging.track import Rate, TextTrack
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import TextRendition
from nightreel.vocabulary import release

MOST_CARRIED = 16_384
"""Characters of cues that a segment repeats of those before it: some hundred lines on the screen at once.

So that what is written grows with the cues and with the length of the film, not with their product.
"""
_CUE_CHARACTERS = 40
"""Of a cue beside its text: its times, its settings, the lines between."""


def package_subtitles(
    plan: Plan, rendition: TextRendition, encoded: Path, directory: Path
) -> tuple[TextTrack, tuple[str, ...]]:
    """Write a track's segments on the plan's grid, their playlist, and the whole track in one file.

    A cue that spans a border is in the segments on both sides of it, with its own times; what
    comes after the title's end is cut. The clock of the media shows 0 at the title's start, in
    both containers. Beside MPEG-TS there is no whole track: it is for DASH.

    Returns the track, and warnings for the title's owner where cues had to end early, or are later
    than the title.
    """
    written = read_cues(encoded)
    shown = list(_shown(written, plan))
    cues = cut_to_carry(shown, plan)
    rate = Rate()
    if plan.container == "cmaf":
        whole = directory / release.subtitles_name(rendition.name)
        write_cues(whole, cues)
        average = round(whole.stat().st_size * 8 / plan.duration)
        rate = Rate(peak=average, average=average)
    start = ["X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"]
    for number, part in enumerate(_parts(cues, plan)):
        write_cues(directory / release.segment_name(rendition.name, number), part, start)
    (directory / release.playlist_name(rendition.name)).write_text(_playlist(plan, rendition))
    cut = sum(kept.end < cue.end for kept, cue in zip(cues, shown, strict=True))
    late = sum(cue.start >= _end(plan) for cue in written)
    warnings = tuple(_told(rendition.label, len(written), cut=cut, late=late))
    return TextTrack(rendition=rendition, rate=rate), warnings


def _told(label: str, texts: int, *, cut: int, late: int) -> Iterator[str]:
    if cut:
        yield (
            f"Subtitles {label}: {cut} of {texts} texts end earlier than in the source, because more of them "
            "are shown at once than players can be sent."
        )
    if late:
        yield (
            f"Subtitles {label}: {late} of {texts} texts begin after the end of the title; they were "
            "left out."
        )


def weight_of(cue: Cue) -> int:
    """About how many characters a cue is in a file."""
    return len(cue.text) + _CUE_CHARACTERS


def cut_to_carry(cues: Sequence[Cue], plan: Plan, most: int = MOST_CARRIED) -> list[Cue]:
    """The cues, ordered by their start, of which no segment repeats more than `most` characters.

    Where there are more, those that began first end with the segment before.
    """
    kept, carried, following = list(cues), deque[int](), 0
    for border in _borders(plan)[1:]:
        while following < len(cues) and cues[following].start < border:
            carried.append(following)
            following += 1
        carried = deque(index for index in carried if kept[index].end > border)
        weight = sum(weight_of(cues[index]) for index in carried)
        while weight > most:
            index = carried.popleft()
            weight -= weight_of(cues[index])
            # Rounded down, unless nothing of the cue would be left: then to the next millisecond.
            kept[index] = replace(cues[index], end=max(floor(border), cues[index].start + 1))
    return kept


def _shown(cues: Iterable[Cue], plan: Plan) -> Iterator[Cue]:
    for cue in cues:
        end = min(cue.end, _end(plan))
        if cue.start < end:
            yield replace(cue, end=end)


def _end(plan: Plan) -> int:
    return floor(plan.frames / plan.frame_rate * 1000)


def _parts(cues: Iterable[Cue], plan: Plan) -> list[list[Cue]]:
    """The cues of each segment."""
    borders = _borders(plan)
    parts: list[list[Cue]] = [[] for _ in borders]
    for cue in cues:
        for number in range(bisect_right(borders, cue.start) - 1, bisect_left(borders, cue.end)):
            parts[number].append(cue)
    return parts


def _borders(plan: Plan) -> list[Fraction]:
    """Milliseconds at which segments start."""
    return [start * 1000 for start in plan.grid.segment_starts]


def _playlist(plan: Plan, rendition: TextRendition) -> str:
    entries = [
        line
        for number, seconds in enumerate(plan.grid.segment_durations)
        for line in (f"#EXTINF:{float(seconds):.6f},", release.segment_name(rendition.name, number))
    ]
    header = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        f"#EXT-X-TARGETDURATION:{plan.target_duration}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    return "\n".join([*header, *entries, "#EXT-X-ENDLIST", ""])
