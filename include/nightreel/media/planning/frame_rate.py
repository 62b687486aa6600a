"""Chooses the constant frame rate of a title, from what the source says and what was measured."""

from fractions import Fraction

from nightreel.media.inspection.frame_rates import STANDARD_RATES
from nightreel.media.source import VideoStream

MAX_RATE = Fraction(60)
"""Frames per second (Apple HLS authoring rule 1.19)."""
MIN_RATE = Fraction(1)
_FALLBACK = Fraction(25)
_OTHER_RATE = Fraction(3, 100)
"""How far two figures for the same rate differ at most."""
_NOT_WORTH_MOVING = 0.001
_JITTER = Fraction(8, 100)
"""How far a camera's clock drifts from its nominal rate."""


def title_rate(video: VideoStream) -> Fraction:
    """Frames per second of a title's renditions, at most 60.

    An interlaced picture gets a frame per field (Apple HLS authoring rule 1.15).
    """
    nominal, average, sustained = video.nominal_rate, video.average_rate, video.sustained_rate
    if not video.interlaced:
        steady = video.steady_rate
        # The header of a film with pulldown flags gives the rate of pairs of fields.
        even = steady is not None and (nominal is None or abs(steady - nominal) > nominal * _OTHER_RATE)
        return constant_rate(steady if even else nominal, average, sustained)
    # Some demuxers count fields where others count frames.
    counted = min((rate for rate in (nominal, average) if rate is not None and _sane(rate)), default=None)
    rate = constant_rate(counted, average, sustained)
    return rate * 2 if rate <= MAX_RATE / 2 else rate


def off_grid(picture_start: float, rate: Fraction) -> float:
    """Seconds from the last frame of a grid that starts at 0 to the picture's first frame.

    Less than the length of a frame; 0 if it is within a millisecond of the grid.
    """
    frame = float(1 / rate)
    late = picture_start % frame
    return late if _NOT_WORTH_MOVING < late < frame - _NOT_WORTH_MOVING else 0.0


def constant_rate(
    nominal: Fraction | None, average: Fraction | None, sustained: Fraction | None = None
) -> Fraction:
    """Frames per second of the output, at most 60.

    The nominal rate is the finest that timestamps need. If it is absurd (a time base rather than a rate),
    the rate that the frames sustain is taken, or the average. A rate within 0.1 % of a standard one
    becomes exactly that one. Rates above 60 are halved until they fit, which drops every other frame.
    """
    measured, mean = _without_jitter(_sane(sustained)), _sane(average)
    rate = _sane(nominal) or measured or mean or _FALLBACK
    if measured is not None and rate > measured * Fraction(3, 2):
        rate = measured
    elif measured is None and mean is not None and rate > mean * 4:
        rate = mean
    while rate > MAX_RATE * Fraction(1001, 1000):
        rate /= 2
    return _snapped(max(rate, MIN_RATE))


def _sane(rate: Fraction | None) -> Fraction | None:
    return rate if rate is not None and Fraction(1, 10) < rate <= 1000 else None


def _without_jitter(rate: Fraction | None) -> Fraction | None:
    if rate is None:
        return None
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    return nearest if abs(nearest - rate) <= nearest * _JITTER else rate


def _snapped(rate: Fraction) -> Fraction:
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    if abs(nearest - rate) <= nearest / 1000:
        return nearest
    return rate.limit_denominator(1001)
