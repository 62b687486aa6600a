"""Encoding by the processor: x264, x265 and SVT-AV1."""

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
"""On SVT-AV1's scale of 0 (best) to 63: few see a difference to what is better."""


def coding(rendition: VideoRendition) -> dict[str, Any]:
    """FFmpeg's options for x264, x265 and SVT-AV1."""
    match rendition.codec:
        case "h264":
            return _x264(rendition)
        case "hevc":
            return _x265(rendition)
        case "av1":
            return _svt_av1(rendition)


def _x264(rendition: VideoRendition) -> dict[str, Any]:
    return {"profile:v": "high", "preset": rendition.preset, **capped_rate(rendition)}


def _x265(rendition: VideoRendition) -> dict[str, Any]:
    # FFmpeg hands the mastering display and the light levels of an HDR source on by itself.
    return {
        "profile:v": "main" if rendition.dynamic_range == "sdr" else "main10",
        "preset": rendition.preset,
        **capped_rate(rendition),
        # Dolby Vision's metadata was made for the source's picture, not for a scaled one.
        "dolbyvision": 0,
        # x265 prints by itself, whatever FFmpeg's log level is, and writes its settings into the stream.
        "x265-params": "log-level=error:info=0:open-gop=0",
    }


def _svt_av1(rendition: VideoRendition) -> dict[str, Any]:
    """A quality whose rate is capped, which is the one way in which SVT-AV1 keeps to a cap.

    Towards an average it saves bits on a still picture and then spends up to four times the
    average in one segment of noise. So measured, a cap is kept to within a tenth.
    """
    return {
        "preset": _SVT_AV1_PRESETS[rendition.preset],
        "crf": _SVT_AV1_QUALITY,
        "maxrate:v": rendition.maxrate_bps,
        # Where 0 leaves a third of the cap unused; its own 50 lets noise pass the cap by half.
        # The more pictures are in the works at once, the later the rate is corrected: on a busy
        # machine noise passed the cap by a quarter with as many as there are cores.
        "svtav1-params": "mbr-overshoot-pct=15:lp=2",
        "dolbyvision": 0,
    }
