"""Encoding by the processor: x264, x265 and SVT-AV1."""

from typing import Any

from nightreel.media.encoders.rate import capped_rate
from nightreel.media.ladder import Preset
from nightreel.media.renditions import VideoRendition

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
_SVT_AV1_SMALLEST_CONTROLLED = 64
"""Pixels; SVT-AV1 4.2 refuses to control the rate of a picture that is narrower or lower."""
_SVT_AV1_QUALITY = 35
"""SVT-AV1's own default."""


def coding(rendition: VideoRendition) -> dict[str, Any]:
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
    return {
        "preset": _SVT_AV1_PRESETS[rendition.preset],
        "dolbyvision": 0,
        **_svt_av1_rate(rendition),
    }


def _svt_av1_rate(rendition: VideoRendition) -> dict[str, Any]:
    """An average whose sections keep to the cap.

    SVT-AV1 takes `maxrate` with a quality only, and a buffer makes the peaks higher. With the
    limits below, the worst segment measured (noise after a still picture) was a third above
    the cap; ordinary pictures keep to it.
    """
    if min(rendition.width, rendition.height) < _SVT_AV1_SMALLEST_CONTROLLED:
        return {"crf": _SVT_AV1_QUALITY}
    cap = round(100 * rendition.maxrate_bps / rendition.video_bps)
    return {
        "b:v": rendition.video_bps,
        "svtav1-params": f"maxsection-pct={cap}:overshoot-pct=5:undershoot-pct=50",
    }
