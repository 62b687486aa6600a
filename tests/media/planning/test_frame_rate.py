from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.inspection.frame_rates import STANDARD_RATES, steady_rate, sustained_rate
from nightreel.media.planning.frame_rate import (
    MAX_RATE,
    MIN_RATE,
    constant_rate,
    off_grid,
    title_rate,
)
from tests.media.sources import source

rates = st.none() | st.fractions(min_value=0, max_value=100_000, max_denominator=100_000)


@given(rates, rates)
@pytest.mark.rule("1.19")
def test_no_title_is_faster_than_sixty_or_slower_than_one(
    nominal: Fraction | None, average: Fraction | None
) -> None:
    assert MIN_RATE <= constant_rate(nominal, average) <= MAX_RATE


@pytest.mark.parametrize("standard", STANDARD_RATES)
@pytest.mark.rule("1.18")
def test_a_standard_rate_stays_exactly_itself(standard: Fraction) -> None:
    assert constant_rate(standard, standard) == standard
    assert constant_rate(standard, None) == standard
    assert constant_rate(None, standard) == standard


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (Fraction(2997, 100), Fraction(30000, 1001)),
        (Fraction(23976, 1000), Fraction(24000, 1001)),
        (Fraction(59940, 1000), Fraction(60000, 1001)),
        (Fraction(2400000, 100001), Fraction(24)),
        (Fraction(25001, 1000), Fraction(25)),
    ],
)
def test_a_rate_that_was_rounded_becomes_the_standard_one(said: Fraction, meant: Fraction) -> None:
    assert constant_rate(said, said) == meant


@pytest.mark.parametrize(
    ("source", "title"),
    [
        (Fraction(120), Fraction(60)),
        (Fraction(120000, 1001), Fraction(60000, 1001)),
        (Fraction(100), Fraction(50)),
        (Fraction(240), Fraction(60)),
        (Fraction(90), Fraction(45)),
        (Fraction(61), Fraction(61, 2)),
    ],
)
def test_a_rate_above_sixty_is_halved_until_it_fits(source: Fraction, title: Fraction) -> None:
    assert constant_rate(source, source) == title


@given(st.fractions(min_value=1, max_value=60, max_denominator=1001))
def test_a_rate_is_changed_by_no_more_than_a_thousandth(rate: Fraction) -> None:
    assert abs(constant_rate(rate, rate) - rate) <= rate * Fraction(1002, 1_000_000)


def test_a_time_base_that_poses_as_a_rate_gives_way_to_the_average() -> None:
    assert constant_rate(Fraction(90_000), Fraction(25)) == 25
    assert constant_rate(Fraction(600), Fraction(30)) == 30


def test_a_variable_rate_is_as_fine_as_its_timestamps_need() -> None:
    assert constant_rate(Fraction(30), Fraction(13)) == 30


def test_a_source_that_says_nothing_has_twenty_five() -> None:
    assert constant_rate(None, None) == 25
    assert constant_rate(Fraction(1_000_000), None) == 25


def test_a_slide_show_has_one_frame_a_second() -> None:
    assert constant_rate(Fraction(1, 5), Fraction(1, 5)) == 1


@pytest.mark.parametrize(
    ("nominal", "sustained", "rate"),
    [
        (Fraction(90_000), Fraction(30), Fraction(30)),
        (Fraction(120), Fraction(3021, 100), Fraction(30)),
        (Fraction(60), Fraction(25), Fraction(25)),
        (Fraction(120), Fraction(120), Fraction(60)),
        (Fraction(30), Fraction(2995, 100), Fraction(30)),
        (Fraction(24000, 1001), Fraction(1000, 41), Fraction(24000, 1001)),
        (None, Fraction(30), Fraction(30)),
    ],
)
def test_a_rate_that_the_frames_do_not_sustain_gives_way(
    nominal: Fraction | None, sustained: Fraction, rate: Fraction
) -> None:
    assert constant_rate(nominal, None, sustained) == rate


@pytest.mark.parametrize(
    ("nominal", "average", "rate"),
    [
        (Fraction(25), Fraction(25), Fraction(50)),
        (Fraction(50), Fraction(25), Fraction(50)),
        (Fraction(30000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)),
        (Fraction(60000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)),
        (Fraction(50), Fraction(50), Fraction(50)),
    ],
)
@pytest.mark.rule("1.15")
def test_every_field_has_a_frame(nominal: Fraction, average: Fraction, rate: Fraction) -> None:
    video = source().video.model_copy(
        update={"nominal_rate": nominal, "average_rate": average, "interlaced": True}
    )
    assert title_rate(video) == rate


@pytest.mark.parametrize("fields", [Fraction(60000, 1001), Fraction(60)])
@pytest.mark.parametrize("digits", [3, 6])
@pytest.mark.rule("1.18")
def test_frames_of_three_and_two_fields_have_the_rate_of_film(fields: Fraction, digits: int) -> None:
    times = [round(int(position * 2.5 + 0.5) / float(fields), digits) for position in range(240)]
    steady = steady_rate(times)
    video = source(rate=fields / 2).video.model_copy(
        update={"steady_rate": steady, "sustained_rate": sustained_rate(times)}
    )
    assert title_rate(video) == fields * 2 / 5


@given(st.floats(0, 100), st.sampled_from(STANDARD_RATES))
def test_what_lies_off_the_grid_is_less_than_a_frame(start: float, rate: Fraction) -> None:
    assert 0 <= off_grid(start, rate) < 1 / rate
