"""Which quality (CRF) meets a target of VMAF, estimated from trials; pure arithmetic.

Close to the target, VMAF falls by about the same amount with each step of CRF, and the bits by the same
share. How steeply differs from title to title, and is measured where there are two trials.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

from pydantic import BaseModel, ConfigDict

from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import VideoCodec


@dataclass(frozen=True)
class Scale:
    """A codec's scale of qualities, on which higher numbers are worse."""

    first: float
    """The first trial's."""
    untried: float
    """Where nothing can be compared; most titles need less."""
    best: float
    worst: float
    points_per_step: float
    """By how much VMAF usually falls with one step."""
    steps_to_half: float
    """After how many steps a picture usually needs half the bits."""


SCALES: Mapping[VideoCodec, Scale] = {
    "h264": Scale(first=26, untried=23, best=16, worst=34, points_per_step=0.9, steps_to_half=6),
    "hevc": Scale(first=28, untried=25, best=18, worst=36, points_per_step=0.9, steps_to_half=6),
    "av1": Scale(first=35, untried=25, best=20, worst=50, points_per_step=0.5, steps_to_half=11),
}
_LEAST_STEPS = 0.5
"""Trials that are closer together say nothing of a slope."""
_SLOPES = (0.3, 2.5)
"""The least and the most points per step that are believed."""
_HALVES = (3.0, 20.0)
_FARTHEST_STEPS = 6.0
"""How far from a trial an estimate may go."""
_MARGIN = 1.0
"""Points above the target, because places are not the whole title."""
_WORTH_IT = 0.9
"""Below this share of the ladder's rate, a quality is worth having."""
_NEXT_TO_NOTHING = 0.15
"""Below this share, a picture gets a better quality than its target: it costs little, and VMAF is least sure
of pictures that stand still and of flat ones, whose faults people see."""
_SPARED_STEPS = 4.0
"""By how much better, at most."""


@dataclass(frozen=True)
class Trial:
    """What some places of a title come to at a quality: mean VMAF, and bits per second."""

    crf: float
    vmaf: float
    bps: float


class ChosenQuality(BaseModel):
    """How a picture is encoded. `crf` is None where it needs all of the ladder's average rate."""

    model_config = ConfigDict(frozen=True)

    crf: float | None
    vmaf_expected: float | None = None
    """None where nothing was tried, or where the rate decides."""


def first_guess(rendition: VideoRendition, trial: Trial) -> float:
    """The quality for a second trial: nearer to the target."""
    return _estimate(rendition, trial, SCALES[rendition.codec].points_per_step)


def chosen(rendition: VideoRendition, trial: Trial, pair: tuple[Trial, Trial] | None = None) -> ChosenQuality:
    """The quality at which a rendition meets its target, or the ladder's rate if that would be as much.

    `trial` is of all places. `pair` are two of the same places, from which the slopes are taken.
    """
    scale = SCALES[rendition.codec]
    points, half = scale.points_per_step, scale.steps_to_half
    if pair is not None and abs(pair[1].crf - pair[0].crf) >= _LEAST_STEPS:
        points, half = _slopes(*pair)
        trial = _as_the_second(trial, *pair)
    crf = _estimate(rendition, trial, points)
    share = trial.bps * 2 ** ((trial.crf - crf) / half) / rendition.video_bps
    if share >= _WORTH_IT:
        return ChosenQuality(crf=None)
    if share < _NEXT_TO_NOTHING:
        crf = round(max(scale.best, crf - min(_SPARED_STEPS, half * log2(_NEXT_TO_NOTHING / share))), 1)
    return ChosenQuality(crf=crf, vmaf_expected=round(trial.vmaf - (crf - trial.crf) * points, 2))


def untried(rendition: VideoRendition) -> ChosenQuality:
    """For a rendition of which nothing can be compared."""
    return ChosenQuality(crf=SCALES[rendition.codec].untried)


def mean_trial(crf: float, vmafs: Sequence[float], bits: float, seconds: float) -> Trial:
    """Of the VMAF of all compared frames."""
    return Trial(crf, sum(vmafs) / len(vmafs), bits / seconds)


def _estimate(rendition: VideoRendition, trial: Trial, points_per_step: float) -> float:
    assert rendition.target_vmaf is not None  # noqa: S101 - only such renditions are tried
    scale = SCALES[rendition.codec]
    steps = (trial.vmaf - rendition.target_vmaf - _MARGIN) / points_per_step
    near = trial.crf + _within(steps, -_FARTHEST_STEPS, _FARTHEST_STEPS)
    return round(_within(near, scale.best, scale.worst), 1)


def _as_the_second(trial: Trial, one: Trial, other: Trial) -> Trial:
    """What all places would come to at the second quality, which is nearer to the target."""
    return Trial(other.crf, trial.vmaf + other.vmaf - one.vmaf, trial.bps * other.bps / one.bps)


def _slopes(one: Trial, other: Trial) -> tuple[float, float]:
    steps = other.crf - one.crf
    halvings = log2(one.bps / other.bps) / steps
    half = 1 / halvings if halvings > 0 else _HALVES[1]
    return _within((one.vmaf - other.vmaf) / steps, *_SLOPES), _within(half, *_HALVES)


def _within(value: float, least: float, most: float) -> float:
    return max(least, min(most, value))
