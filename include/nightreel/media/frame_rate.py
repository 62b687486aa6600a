"""The constant frame rate of a title, from what the source says of its own."""

from fractions import Fraction

STANDARD_RATES = (
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(48000, 1001), Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60),
)  # fmt: skip
MAX_RATE = Fraction(60)
"""Frames per second (Apple HLS authoring rule 1.12)."""
MIN_RATE = Fraction(1)
_FALLBACK = Fraction(25)


def constant_rate(nominal: Fraction | None, average: Fraction | None) -> Fraction:
    """Frames per second of the output, at most 60.

    The nominal rate is the finest that timestamps need; where it is absurd (a time base
    rather than a rate) the average speaks. A rate within 0.1 % of a standard one becomes
    that one, exactly. Rates above 60 are halved until they fit, which drops every other frame.
    """
    rate = _sane(nominal) or _sane(average) or _FALLBACK
    if nominal is not None and average is not None and _sane(average) and rate > average * 4:
        rate = average
    while rate > MAX_RATE * Fraction(1001, 1000):
        rate /= 2
    return _snapped(max(rate, MIN_RATE))


def _sane(rate: Fraction | None) -> Fraction | None:
    return rate if rate is not None and Fraction(1, 10) < rate <= 1000 else None


def _snapped(rate: Fraction) -> Fraction:
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    if abs(nearest - rate) <= nearest / 1000:
        return nearest
    return rate.limit_denominator(1001)
