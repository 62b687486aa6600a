"""Grids that a source of a minute at 25 frames a second may have."""

from fractions import Fraction

from hypothesis import strategies as st

from nightreel.media.planning.grid import Grid

SECONDS = 60
FRAMES = 25 * SECONDS
_SHORTEST_SEGMENT_FRAMES = 28


@st.composite
def own_grids(draw: st.DrawFn) -> Grid:
    keyframes = sorted(draw(st.sets(st.integers(1, FRAMES - 1), max_size=50)))
    cuts = [0]
    for frame in keyframes:
        if frame >= cuts[-1] + _SHORTEST_SEGMENT_FRAMES and draw(st.booleans()):
            cuts.append(frame)
    return Grid(Fraction(25), FRAMES, (0, *keyframes), tuple(cuts))
