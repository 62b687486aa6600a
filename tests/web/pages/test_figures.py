"""How figures are written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.web.pages import figures

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_234_567, "1.2 MB"),
        (999_960, "1.0 MB"),
        (123_456_789_012, "123 GB"),
        (99_950_000_000, "100 GB"),
        (999_600, "1.0 MB"),
    ],
)
def test_sizes_are_in_decimal_units(count: int | None, said: str) -> None:
    assert figures.size(count) == said


@given(st.integers(0, 10**18 - 10**16))
def test_a_size_has_three_digits_at_most(count: int) -> None:
    assert len(figures.size(count).split()[0].replace(".", "")) <= 3


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "–"),
        (0, "0 s"),
        (0.2, "< 1 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (245, "4 min 5 s"),
        (645, "10 min"),
        (3600, "1 h"),
        (5430, "1 h 30 min"),
    ],
)
def test_lengths_are_in_the_units_that_say_something(seconds: float | None, said: str) -> None:
    assert figures.duration(seconds) == said


@pytest.mark.parametrize(("seconds", "said"), [(5, "0:05"), (59.6, "1:00"), (5430, "1:30:30")])
def test_a_clock_counts_as_players_do(seconds: float, said: str) -> None:
    assert figures.clock(seconds) == said


@pytest.mark.parametrize(("amount", "said"), [(0, "$0.00"), (0.004, "< $0.01"), (1234.5, "$1,234.50")])
def test_prices_are_in_cents(amount: float, said: str) -> None:
    assert figures.dollars(amount) == said


@pytest.mark.parametrize(("rate", "said"), [(None, "–"), (128_000, "128 kb/s"), (2_500_000, "2.5 Mb/s")])
def test_rates_are_in_bits_per_second(rate: float | None, said: str) -> None:
    assert figures.bitrate(rate) == said


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(minutes=3, seconds=30), "3 min ago"),
        (timedelta(days=400), "1 y ago"),
        (timedelta(hours=-2, minutes=-30), "in 2 h"),
    ],
)
def test_ages_go_both_ways(ago: timedelta, said: str) -> None:
    assert f">{said}<" in figures.age(datetime.now(UTC) - ago)


def test_a_time_carries_its_moment_for_programs_to_read() -> None:
    assert figures.moment(NOON) == (
        '<time datetime="2026-11-21T12:00:00+00:00" data-form="moment" title="2026-11-21 12:00 UTC">'
        "21 Nov 2026, 12:00 UTC</time>"
    )
