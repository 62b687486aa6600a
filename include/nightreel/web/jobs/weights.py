"""The share of a title's time that each step takes, from this catalog's past conversions."""

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
_HEIGHT = re.compile(r"\b(\d+)p\b")
_SOUND_HEIGHT = 120
"""A picture of this height takes about as long to encode as a sound."""


@dataclass(frozen=True)
class Weights:
    """`steps`: shares of a title's time, which add up to 1. `parts`: how long an encode job takes, by
    its label, in seconds per second of source; only their proportions matter."""

    steps: Mapping[str, float]
    parts: Mapping[str, float]

    def of_part(self, label: str | None) -> float:
        """The time for a job of this label; estimated from what it makes if there never was one."""
        label = label or ""
        return self.parts.get(label) or _size(label) * self._seconds_by_size

    @property
    def _seconds_by_size(self) -> float:
        return median(seconds / _size(label) for label, seconds in self.parts.items()) if self.parts else 1.0


UNKNOWN = Weights(_UNKNOWN_SHARES, {})
"""Used until something was converted."""


def weights_of(history: Sequence[ConversionTimes]) -> Weights:
    """The mean shares of past conversions. Each counts the same, however long its video is."""
    shares = [share for each in history if (share := _shares(each.steps))]
    if not shares:
        return UNKNOWN
    steps: dict[str, float] = {
        step: fmean(share.get(step, 0.0) for share in shares) for step in DECISIVE_STEPS
    }
    return Weights(steps, _parts(history))


def _shares(steps: Mapping[str, StepTime]) -> dict[str, float]:
    """Each step's share of the total; empty for a conversion whose encoding was not recorded."""
    times: dict[str, list[StepTime]] = defaultdict(list)
    for name, time in steps.items():
        times[name.partition(" ")[0]].append(time)
    seconds = {step: _covered(times[step]) for step in DECISIVE_STEPS if step in times}
    whole = sum(seconds.values())
    if not seconds.get(Step.TRANSCODE):
        return {}
    return {step: each / whole for step, each in seconds.items()}


def _covered(times: Iterable[StepTime]) -> float:
    """Seconds in which at least one step was at work: overlaps count once, pauses between tries do not."""
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
    """For `hevc 1080p 720p`, the sum of the squares of the heights; for sounds or subtitles, little."""
    return float(sum(int(height) ** 2 for height in _HEIGHT.findall(label)) or _SOUND_HEIGHT**2)
