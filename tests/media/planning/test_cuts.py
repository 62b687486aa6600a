from fractions import Fraction
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.planning.cuts import cuts


@st.composite
def grids(draw: st.DrawFn, most: int, longest: int) -> tuple[tuple[int, ...], int]:
    """Keyframes and the number of frames."""
    gaps = draw(st.lists(st.integers(1, longest), min_size=1, max_size=most))
    places = [0]
    for gap in gaps:
        places.append(places[-1] + gap)
    return tuple(places[:-1]), places[-1]


def _cost(chosen: tuple[int, ...], frames: int, wanted: float) -> float:
    return sum((end - start - wanted) ** 2 for start, end in pairwise((*chosen, frames)))


@given(grids(most=9, longest=300), st.sampled_from([Fraction(25), Fraction(24000, 1001)]))
def test_no_other_choice_of_keyframes_comes_nearer_to_the_wanted_length(
    grid: tuple[tuple[int, ...], int], rate: Fraction
) -> None:
    keyframes, frames = grid
    chosen = cuts(keyframes, frames, rate, 6.0)
    assert chosen[0] == 0
    assert set(chosen) <= set(keyframes)
    wanted = float(6 * rate)
    best = min(
        _cost((0, *others), frames, wanted)
        for count in range(len(keyframes))
        for others in combinations(keyframes[1:], count)
    )
    assert _cost(chosen, frames, wanted) == pytest.approx(best)


@pytest.mark.parametrize(
    ("every", "longest"), [(1, 6.0), (2, 6.0), (5, 5.0), (10, 10.0)], ids=lambda value: f"{value} s"
)
def test_regular_keyframes_give_segments_of_regular_lengths(every: int, longest: float) -> None:
    frames = 600 * 25
    chosen = cuts(range(0, frames, every * 25), frames, Fraction(25), 6.0)
    assert {end - start for start, end in pairwise((*chosen, frames))} == {longest * 25}


def test_every_frame_may_be_a_keyframe() -> None:
    frames = 600 * 25
    assert cuts(range(frames), frames, Fraction(25), 6.0) == tuple(range(0, frames, 150))


@pytest.mark.parametrize("keyframes", [(), (3, 9), (0, 5, 5), (0, 10)])
def test_keyframes_that_are_not_those_of_a_whole_title_are_an_error(keyframes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="keyframes must rise from 0"):
        cuts(keyframes, 10, Fraction(25), 6.0)
