"""How close an encoded picture is to its source, measured with VMAF at a few places."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from pydantic import BaseModel, ConfigDict

from nightreel.media.encoding.comparison import Window, compare, seekable_frames
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import VideoRendition

_PLACES = (1 / 6, 1 / 2, 5 / 6)
_WINDOW_SECONDS = 0.5


class Quality(BaseModel):
    """VMAF from 0 to 100 over the compared frames: their mean, and the worst of them."""

    model_config = ConfigDict(frozen=True)

    vmaf_mean: float
    vmaf_low: float
    frames: int
    crf: float | None = None
    """The quality with which it was encoded, on its encoder's own scale; None for an average rate."""
    vmaf_expected: float | None = None
    """What the trials had promised; None where nothing was tried."""


def measure_quality(
    plan: Plan,
    renditions: Sequence[VideoRendition],
    source: Path,
    encoded: Mapping[str, Path],
    *,
    ffmpeg_binary: str,
) -> dict[str, Quality]:
    """Compares frames from the beginning, the middle and the end of the title; by the renditions' names.

    The source is decoded once for all of them. What could not be compared is not in the result. Raises
    EncoderFailed with the end of FFmpeg's stderr.
    """
    scores: dict[str, list[float]] = {item.name: [] for item in renditions}
    for window in _windows(plan):
        for name, found in compare(
            plan, renditions, source, encoded, window, ffmpeg_binary=ffmpeg_binary
        ).items():
            scores[name] += found
    return {name: _quality(found) for name, found in scores.items() if found}


def _quality(scores: Sequence[float]) -> Quality:
    return Quality(vmaf_mean=round(fmean(scores), 2), vmaf_low=round(min(scores), 2), frames=len(scores))


def _windows(plan: Plan) -> list[Window]:
    """The places, none of them twice."""
    frames = seekable_frames(plan)
    length = min(frames, max(1, round(_WINDOW_SECONDS * plan.frame_rate)))
    firsts = sorted({round(place * (frames - length)) for place in _PLACES})
    apart = [
        first for number, first in enumerate(firsts) if not number or first >= firsts[number - 1] + length
    ]
    return [Window(first, first + length) for first in apart]
