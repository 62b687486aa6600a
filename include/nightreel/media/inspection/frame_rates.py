"""Frame rates, measured by when frames are shown."""

from collections.abc import Iterable
from fractions import Fraction

STANDARD_RATES = (
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(48000, 1001), Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60),
)  # fmt: skip
_RUN = 10
"""How many frames a rate is measured over."""
_FASTEST_SHARE = 10
"""One in this many runs may be faster than the sustained rate."""
_FEWEST_RUNS = 8
"""The fewest runs that show whether they are even."""
_UNEVEN = 0.025
"""How much runs of one rate differ if times are whole milliseconds, as in Matroska."""


def sustained_rate(times: Iterable[float]) -> Fraction | None:
    """Frames per second where frames follow each other fastest, ignoring the fastest tenth of the runs.

    `times` are those of all frames, in seconds, in any order. None for fewer than two.
    A film that pauses now and then keeps its rate. A camera's jitter does not raise it, because it nearly
    cancels out over a run.
    """
    run, spans = _runs(times)
    return Fraction(run / spans[len(spans) // _FASTEST_SHARE]).limit_denominator(1001) if spans else None


def steady_rate(times: Iterable[float]) -> Fraction | None:
    """Frames per second if all but a few runs last equally long, otherwise None.

    `times` are as for `sustained_rate`. Film with pulldown flags (ISO/IEC 13818-2, repeat_first_field) is
    steady: its frames are shown for three and for two fields in turn.
    """
    run, spans = _runs(times)
    inner = spans[len(spans) // _FASTEST_SHARE : len(spans) - len(spans) // _FASTEST_SHARE]
    if len(inner) < _FEWEST_RUNS or inner[-1] > inner[0] * (1 + _UNEVEN):
        return None
    return Fraction(run * len(inner) / sum(inner)).limit_denominator(1001)


def _runs(times: Iterable[float]) -> tuple[int, list[float]]:
    """How many frame intervals a run has, and the durations of all runs, shortest first."""
    ordered = sorted(set(times))
    run = min(_RUN, len(ordered) - 1)
    if run < 1:
        return 0, []
    return run, sorted(later - earlier for earlier, later in zip(ordered, ordered[run:], strict=False))
