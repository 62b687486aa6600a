"""The rates at which the frames of a picture follow each other, measured by when they are shown."""

from collections.abc import Iterable
from fractions import Fraction

_RUN = 10
"""Frames over which a rate is measured."""
_FASTEST_SHARE = 10
"""One in so many runs may be faster than the sustained rate."""
_FEWEST_RUNS = 8
"""From so many on it can be told whether they are even."""
_UNEVEN = 0.025
"""By how much runs of one rate differ where times are whole milliseconds, as in Matroska."""


def sustained_rate(times: Iterable[float]) -> Fraction | None:
    """Frames per second of the runs in which they follow each other fastest, a tenth of them aside.

    `times` are those of all frames, in seconds, in any order. None for fewer than two.
    A film that now and then pauses keeps its rate; a camera's jitter does not raise it,
    because over a run it all but cancels out.
    """
    run, spans = _runs(times)
    return Fraction(run / spans[len(spans) // _FASTEST_SHARE]).limit_denominator(1001) if spans else None


def steady_rate(times: Iterable[float]) -> Fraction | None:
    """Frames per second where all but a few runs last equally long; None where they do not.

    `times` as of `sustained_rate`. Film with pulldown flags (ISO/IEC 13818-2, repeat_first_field) is
    steady: its frames are shown for three and for two fields in turn.
    """
    run, spans = _runs(times)
    inner = spans[len(spans) // _FASTEST_SHARE : len(spans) - len(spans) // _FASTEST_SHARE]
    if len(inner) < _FEWEST_RUNS or inner[-1] > inner[0] * (1 + _UNEVEN):
        return None
    return Fraction(run * len(inner) / sum(inner)).limit_denominator(1001)


def _runs(times: Iterable[float]) -> tuple[int, list[float]]:
    """How many frames further a run ends, and how long all of them last, the shortest first."""
    ordered = sorted(set(times))
    run = min(_RUN, len(ordered) - 1)
    if run < 1:
        return 0, []
    return run, sorted(later - earlier for earlier, later in zip(ordered, ordered[run:], strict=False))
