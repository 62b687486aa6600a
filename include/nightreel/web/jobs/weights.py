"""How much of a title's time each step takes, from this catalog's past conversions."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from nightreel.catalog.runs import ConversionTimes, StepTime
from nightreel.runs.steps import DECISIVE_STEPS, Step

_UNKNOWN_SHARES: Mapping[str, float] = {
    Step.FETCH: 0.02,
    Step.PLAN: 0.03,
    Step.TRANSCODE: 0.80,
    Step.PACKAGE: 0.05,
    Step.VALIDATE: 0.06,
    Step.UPLOAD: 0.03,
    Step.PUBLISH: 0.01,
}
_HEIGHT = re.compile(r"(\d+)p\b")
_SOUND_HEIGHT = 120
"""The picture that costs about as much to encode as a sound."""


@dataclass(frozen=True)
class Weights:
    """`steps`: shares of a title's time, which add up to 1. `parts`: what a rendition takes to encode,
    by its label, in seconds per second of source; only their proportions count."""

    steps: Mapping[str, float]
    parts: Mapping[str, float]

    def of_part(self, label: str | None) -> float:
        """What encoding this rendition costs; by its size if it was never encoded."""
        label = label or ""
        return self.parts.get(label) or _size(label) * self._seconds_by_size

    @property
    def _seconds_by_size(self) -> float:
        return median(seconds / _size(label) for label, seconds in self.parts.items()) if self.parts else 1.0


UNKNOWN = Weights(_UNKNOWN_SHARES, {})
"""Where nothing was converted yet."""


def weights_of(history: Sequence[ConversionTimes]) -> Weights:
    """The mean shares of past conversions. Each counts alike, however long its video is."""
    shares = [share for each in history if (share := _shares(each.steps))]
    if not shares:
        return UNKNOWN
    steps: dict[str, float] = {
        step: fmean(share.get(step, 0.0) for share in shares) for step in DECISIVE_STEPS
    }
    return Weights(steps, _parts(history))


def _shares(steps: Mapping[str, StepTime]) -> dict[str, float]:
    """By step, its share of all; nothing of a conversion whose encoding was not recorded."""
    times: dict[str, list[StepTime]] = defaultdict(list)
    for name, time in steps.items():
        times[name.partition(" ")[0]].append(time)
    seconds = {step: _covered(times[step]) for step in DECISIVE_STEPS if step in times}
    whole = sum(seconds.values())
    if not seconds.get(Step.TRANSCODE):
        return {}
    return {step: each / whole for step, each in seconds.items()}


def _covered(times: Iterable[StepTime]) -> float:
    """Seconds in which at least one was at work: pauses between tries do not count, nor does company."""
    covered, until = 0.0, float("-inf")
    for time in sorted(times, key=lambda each: each.began):
        end = time.began + max(time.seconds, 0.0)
        covered += max(0.0, end - max(time.began, until))
        until = max(until, end)
    return covered


def _parts(history: Iterable[ConversionTimes]) -> dict[str, float]:
    found: dict[str, list[float]] = defaultdict(list)
    for each in history:
        for name, time in each.steps.items():
            step, _, label = name.partition(" ")
            if step == Step.TRANSCODE and time.seconds > 0:
                found[label].append(time.seconds / each.duration_seconds)
    return {label: median(rates) for label, rates in found.items()}


def _size(label: str) -> float:
    """Of `720p` or `1080p hevc`, the square of the height; of a sound or subtitles, little."""
    height = _HEIGHT.match(label)
    return float((int(height[1]) if height else 0) or _SOUND_HEIGHT) ** 2
