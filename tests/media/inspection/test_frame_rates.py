from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.inspection.frame_rates import STANDARD_RATES, steady_rate, sustained_rate


@given(st.sampled_from(STANDARD_RATES), st.integers(2, 200), st.randoms(use_true_random=False))
def test_frames_sustain_the_rate_at_which_they_follow_each_other(
    rate: Fraction, frames: int, chance: Random
) -> None:
    times = [position / float(rate) for position in range(frames)]
    chance.shuffle(times)
    sustained = sustained_rate(times)
    assert sustained is not None
    assert abs(sustained - rate) < rate / 1000


def test_pauses_do_not_lower_the_rate_that_is_sustained() -> None:
    moving = [position / 30 for position in range(60)]
    assert sustained_rate([*moving, *range(5, 45)]) == 30


def test_one_frame_sustains_no_rate() -> None:
    assert sustained_rate([1.0]) is None
    assert sustained_rate([]) is None


@given(st.sampled_from(STANDARD_RATES), st.integers(24, 300), st.randoms(use_true_random=False))
def test_frames_that_follow_each_other_evenly_have_that_rate(
    rate: Fraction, frames: int, chance: Random
) -> None:
    times = [position / float(rate) for position in range(frames)]
    chance.shuffle(times)
    steady = steady_rate(times)
    assert steady is not None
    assert abs(steady - rate) < rate / 1000


def test_pauses_and_few_frames_are_not_even() -> None:
    moving = [position / 30 for position in range(60)]
    assert steady_rate([*moving, *range(5, 45)]) is None
    assert steady_rate(moving[:12]) is None
