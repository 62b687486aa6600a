"""Where a copied picture is cut into segments: at keyframes of the source."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import hypot, sqrt


def cuts(keyframes: Sequence[int], frames: int, rate: Fraction, wanted_seconds: float) -> tuple[int, ...]:
    """The first frames of all segments: those keyframes for which segments differ least from the wanted
    length, by the sum of squares.

    Taking the keyframe nearest to each multiple would be worse: with keyframes every 5 s, some segments of
    6 s would be 10 s long. `keyframes` rise from 0 and are below `frames`; `rate` in frames per second.
    Raises ValueError for other keyframes. Deterministic: of equally good cuts, those with longer segments at
    the end.
    """
    places = (*keyframes, frames)
    if places[0] != 0 or any(later <= earlier for earlier, later in pairwise(places)):
        raise ValueError("keyframes must rise from 0 and be below the number of frames")
    wanted = float(wanted_seconds * rate)
    # Cutting a segment into a and b is better if 2ab > wanted². In a longer one, it is at the keyframe
    # nearest to its middle, which is at most half a GOP away.
    longest = hypot(sqrt(2) * wanted, max(later - earlier for earlier, later in pairwise(places)))
    costs, before, first = [0.0], [0], 0
    for place, ends in enumerate(places[1:], start=1):
        while ends - places[first] > longest:
            first += 1
        cost, begins = min(
            (costs[start] + (ends - places[start] - wanted) ** 2, start) for start in range(first, place)
        )
        costs.append(cost)
        before.append(begins)
    chosen = []
    place = len(places) - 1
    while place:
        place = before[place]
        chosen.append(places[place])
    return tuple(reversed(chosen))
