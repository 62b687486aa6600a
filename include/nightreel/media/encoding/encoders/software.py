"""Encoding in software: x264, x265 and SVT-AV1."""

from typing import Any

from nightreel.media.encoding.encoders.rate import capped_rate
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import Preset

_SVT_AV1_PRESETS: dict[Preset, int] = {
    "ultrafast": 12,
    "superfast": 11,
    "veryfast": 10,
    "faster": 9,
    "fast": 8,
    "medium": 7,
    "slow": 6,
    "slower": 5,
    "veryslow": 4,
}
_SVT_AV1_QUALITY = 25
"""On SVT-AV1's scale from 0 (best) to 63. Few people see a difference to better values."""


def coding(rendition: VideoRendition, crf: float | None = None) -> dict[str, Any]:
    """FFmpeg's options for x264, x265 and SVT-AV1: at the ladder's average rate, or at a quality."""
    match rendition.codec:
        case "h264":
            return _x264(rendition, crf)
        case "hevc":
            return _x265(rendition, crf)
        case "av1":
            return _svt_av1(rendition, crf)


def _x264(rendition: VideoRendition, crf: float | None) -> dict[str, Any]:
    return {"profile:v": "high", "preset": rendition.preset, **capped_rate(rendition, crf)}


def _x265(rendition: VideoRendition, crf: float | None) -> dict[str, Any]:
    # FFmpeg passes on the mastering display and the light levels of an HDR source by itself.
    return {
        "profile:v": "main" if rendition.dynamic_range == "sdr" else "main10",
        "preset": rendition.preset,
        **capped_rate(rendition, crf),
        # Otherwise a forced keyframe is no more than an I-frame.
        "forced-idr": 1,
        # Dolby Vision's metadata was made for the source's picture, not for a scaled one.
        "dolbyvision": 0,
        # x265 logs regardless of FFmpeg's log level, and writes its settings into the stream.
        "x265-params": "log-level=error:info=0:open-gop=0",
    }


def _svt_av1(rendition: VideoRendition, crf: float | None) -> dict[str, Any]:
    """A quality with a capped rate, the only way to make SVT-AV1 keep to a cap.

    With an average as its target, it saves bits on still pictures and then spends up to four times the
    average on one segment of noise. With a quality, it was measured to exceed the cap by a tenth at most.
    """
    return {
        "preset": _SVT_AV1_PRESETS[rendition.preset],
        "crf": _SVT_AV1_QUALITY if crf is None else int(crf),
        "maxrate:v": rendition.maxrate_bps,
        # At an overshoot of 0, a third of the cap is unused; at the default of 50, noise exceeds it by half.
        # The more pictures are encoded in parallel, the later the rate is corrected: with one per core,
        # noise exceeded the cap by a quarter on a busy machine.
        "svtav1-params": "mbr-overshoot-pct=15:lp=2",
        "dolbyvision": 0,
    }
