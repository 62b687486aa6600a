"""The geometry of the plot, for any release."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.web.watch.measured import MeasuredRendition, Piece
from nightreel.web.watch.plot import HEIGHT, WIDTH, rate_plot

NUMBER = re.compile(r"-?[\d.]+")


def rendition(name: str, pieces: tuple[Piece, ...]) -> MeasuredRendition:
    total = round(sum(piece.rate * piece.seconds for piece in pieces) / 8)
    return MeasuredRendition(name, "picture", name, 1, 1, "avc1", None, pieces, total, None)


def pieces_of(seconds: list[float], rates: list[float]) -> tuple[Piece, ...]:
    starts = [sum(seconds[:index]) for index in range(len(seconds))]
    return tuple(map(Piece, starts, seconds, rates))


@st.composite
def renditions(draw: st.DrawFn) -> list[MeasuredRendition]:
    lengths = draw(st.lists(st.floats(0.04, 10), min_size=1, max_size=400))
    drawn = st.lists(st.floats(0, 1e9), min_size=len(lengths), max_size=len(lengths))
    return [
        rendition(f"r{index}", pieces_of(lengths, draw(drawn))) for index in range(draw(st.integers(1, 3)))
    ]


@given(renditions())
def test_every_line_stays_within_the_drawing(drawn: list[MeasuredRendition]) -> None:
    plot = rate_plot(drawn)
    assert plot
    for line in plot.lines:
        for step in re.findall(r"[ML]([\d.e-]+) ([\d.e-]+)H([\d.e-]+)", line.path):
            x, y, end = map(float, step)
            assert 0 <= x <= end <= WIDTH + 0.1
            assert -0.1 <= y <= HEIGHT
        assert len(line.points) <= 240
    for tick in (*plot.rates, *plot.times):
        assert -0.1 <= tick.at <= 100.1


@given(renditions())
def test_joining_neighbours_keeps_the_average(drawn: list[MeasuredRendition]) -> None:
    plot = rate_plot(drawn)
    assert plot
    for each, line in zip(drawn, plot.lines, strict=True):
        bits = sum((end - start) * rate for start, end, rate in line.points)
        # Points are rounded to a hundredth of a second.
        slack = len(line.points) * 0.01 * max((piece.rate for piece in each.pieces), default=0) + each.seconds
        assert bits == pytest.approx(sum(p.rate * p.seconds for p in each.pieces), abs=slack)


def test_the_lines_keep_the_order_and_differ_in_colour_or_in_dashes() -> None:
    one = (Piece(0, 6, 1e6),)
    plot = rate_plot([rendition(str(index), one) for index in range(8)])
    assert plot
    assert [line.name for line in plot.lines] == [str(index) for index in range(8)]
    assert len({(line.series, line.dashed) for line in plot.lines}) == 8


def test_the_axis_ends_at_a_round_rate_above_the_highest() -> None:
    plot = rate_plot([rendition("720p", (Piece(0, 6, 3_500_000),))])
    assert plot
    assert [tick.label for tick in plot.rates] == ["0", "1.0 Mb/s", "2.0 Mb/s", "3.0 Mb/s", "4.0 Mb/s"]


def test_without_segments_there_is_nothing_to_draw() -> None:
    assert rate_plot([rendition("720p", ())]) is None
