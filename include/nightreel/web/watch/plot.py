"""The bit rate over time as lines: a drawing's geometry, in its own units. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from nightreel.web.pages import figures
from nightreel.web.watch.measured import MeasuredRendition, Piece

WIDTH, HEIGHT = 1000.0, 200.0
_SERIES = 6
_MOST_PIECES = 240
_RATE_TICKS = 4
_TIME_TICKS = 8
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: `at` in percent from the left, or from the top."""

    at: float
    label: str


@dataclass(frozen=True)
class Line:
    """One rendition. `path` is an SVG path, `series` its colour, from 1.

    `points` are [start, end, bits per second] of each step, for the pointer.
    """

    name: str
    label: str
    series: int
    dashed: bool
    path: str
    points: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True)
class RatePlot:
    """The drawing, `width` by `height` units over `seconds`. The ticks stand beside it."""

    lines: tuple[Line, ...]
    rates: tuple[Tick, ...]
    times: tuple[Tick, ...]
    seconds: float
    width: float = WIDTH
    height: float = HEIGHT


def rate_plot(renditions: Sequence[MeasuredRendition]) -> RatePlot | None:
    """The plot of the renditions with segments; None without any."""
    drawn = [each for each in renditions if each.pieces]
    if not drawn:
        return None
    seconds = max(each.seconds for each in drawn)
    steps = {each.name: tuple(_at_most(_MOST_PIECES, each.pieces)) for each in drawn}
    peak = max(piece.rate for pieces in steps.values() for piece in pieces)
    step = _round_step(peak / _RATE_TICKS)
    top = step * ceil(peak / step) or 1.0
    scale = _Scale(seconds, top)
    return RatePlot(
        lines=tuple(
            Line(
                name=each.name,
                label=each.label,
                series=index % _SERIES + 1,
                dashed=index >= _SERIES,
                path=_path(steps[each.name], scale),
                points=tuple(
                    (round(piece.start, 2), round(piece.start + piece.seconds, 2), round(piece.rate))
                    for piece in steps[each.name]
                ),
            )
            for index, each in enumerate(drawn)
        ),
        rates=tuple(
            Tick(100 * scale.y(mark) / HEIGHT, figures.bitrate(mark) if mark else "0")
            for mark in _multiples(step, top)
        ),
        times=tuple(
            Tick(100 * scale.x(mark) / WIDTH, figures.clock(mark))
            for mark in _multiples(_time_step(seconds), seconds)
        ),
        seconds=seconds,
    )


@dataclass(frozen=True)
class _Scale:
    seconds: float
    top: float

    def x(self, time: float) -> float:
        return round(WIDTH * time / self.seconds, 1)

    def y(self, rate: float) -> float:
        return round(HEIGHT * (1 - rate / self.top), 1)


def _path(pieces: Iterable[Piece], scale: _Scale) -> str:
    """A line in steps: a segment has one rate from its start to its end."""
    drawn: list[str] = []
    for piece in pieces:
        command = "L" if drawn else "M"
        y = scale.y(piece.rate)
        drawn.append(f"{command}{scale.x(piece.start)} {y}H{scale.x(piece.start + piece.seconds)}")
    return "".join(drawn)


def _at_most(count: int, pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces, with neighbours averaged until there are at most `count`."""
    together = ceil(len(pieces) / count)
    for index in range(0, len(pieces), together):
        joined = pieces[index : index + together]
        seconds = sum(piece.seconds for piece in joined)
        bits = sum(piece.rate * piece.seconds for piece in joined)
        yield Piece(joined[0].start, seconds, bits / seconds)


def _round_step(least: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten that is at least this."""
    if least <= 0:
        return 1.0
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)


def _time_step(seconds: float) -> int:
    return next((step for step in _TIME_STEPS if seconds / step <= _TIME_TICKS), _TIME_STEPS[-1])


def _multiples(step: float, top: float) -> list[float]:
    return [step * index for index in range(floor(top / step + 1e-9) + 1)]
