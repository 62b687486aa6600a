"""The grid of a title: the frames at which every track has its keyframes, and those at which it is cut."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

MOST_KEYFRAMES = 11_000
"""That a grid of the source's own may have: over three hours with one each second.

FFmpeg and the packager are told each of them in one argument, for which Linux allows 128 KiB.
"""
SHORTEST_SEGMENT_SECONDS = Fraction(11, 10)
"""Of a grid of the source's own, but for the last segment.

Of two cuts within a second the packager's MPD leaves out what is between them, and sound is cut up to an
AAC frame from the picture.
"""


@dataclass(frozen=True)
class Grid:
    """`keyframes` are the first frames of the GOPs, `cuts` those of the segments. Both begin with 0."""

    frame_rate: Fraction
    frames: int
    keyframes: Sequence[int]
    cuts: Sequence[int]

    @property
    def fault(self) -> str:
        """Why no title can be made on it, as a sentence; empty if one can."""
        for starts in (self.keyframes, self.cuts):
            if not starts or starts[0] != 0:
                return "The first frame of the title is not a keyframe at which it is cut."
            if any(later <= earlier for earlier, later in pairwise(starts)) or starts[-1] >= self.frames:
                return "The keyframes and cuts are not in order, or not within the title."
        if not set(self.cuts) <= set(self.keyframes):
            return "The title would be cut where there is no keyframe."
        for before, after in pairwise(self.cuts):
            if (seconds := (after - before) / self.frame_rate) < SHORTEST_SEGMENT_SECONDS:
                return f"A segment of {float(seconds):.3f} s would be too short for the packager."
        if len(self.keyframes) > MOST_KEYFRAMES:
            return f"There are {len(self.keyframes)} keyframes, more than encoders can be told."
        return ""

    @property
    def longest(self) -> tuple[int, int]:
        """How many frames the longest GOP has, and the longest segment."""
        gop, segment = (max(_lengths(starts, self.frames)) for starts in (self.keyframes, self.cuts))
        return gop, segment

    @property
    def segment_starts(self) -> tuple[Fraction, ...]:
        """Seconds of the title at which each segment starts."""
        return tuple(frame / self.frame_rate for frame in self.cuts)

    @property
    def segment_durations(self) -> tuple[Fraction, ...]:
        """Seconds of each segment."""
        return tuple(frames / self.frame_rate for frames in _lengths(self.cuts, self.frames))

    @property
    def gop_durations(self) -> tuple[Fraction, ...]:
        """Seconds from each keyframe to the next, or to the title's end."""
        return tuple(frames / self.frame_rate for frames in _lengths(self.keyframes, self.frames))

    def first_frame(self, number: int) -> int:
        """Of a segment; of one after the last, the end of the title."""
        return self.cuts[number] if number < len(self.cuts) else self.frames

    def frames_of(self, number: int) -> int:
        """How many frames a segment has: none after the last."""
        return self.first_frame(number + 1) - self.first_frame(number)

    def keyframes_of(self, number: int) -> tuple[int, ...]:
        """The keyframes of a segment, counted from its first frame."""
        start, end = self.first_frame(number), self.first_frame(number + 1)
        within = self.keyframes[bisect_left(self.keyframes, start) : bisect_left(self.keyframes, end)]
        return tuple(frame - start for frame in within)


def _lengths(starts: Sequence[int], frames: int) -> list[int]:
    return [after - before for before, after in pairwise((*starts, frames))]
