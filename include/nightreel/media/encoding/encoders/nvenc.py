"""Encoding by NVIDIA's hardware (NVENC)."""

from typing import Any

from nightreel.media.encoding.encoders.rate import capped_rate
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import Preset

_PRESETS: dict[Preset, str] = {
    "ultrafast": "p1",
    "superfast": "p1",
    "veryfast": "p2",
    "faster": "p3",
    "fast": "p4",
    "medium": "p5",
    "slow": "p6",
    "slower": "p7",
    "veryslow": "p7",
}


def coding(rendition: VideoRendition) -> dict[str, Any]:
    """FFmpeg's options for NVIDIA's encoders."""
    return {
        **_profile(rendition),
        "preset": _PRESETS[rendition.preset],
        "tune": "hq",
        "rc": "vbr",
        **capped_rate(rendition),
        "spatial-aq": 1,
        "no-scenecut": 1,
        "forced-idr": 1,
        "strict_gop": 1,
    }


def _profile(rendition: VideoRendition) -> dict[str, Any]:
    # For AV1 there is only Main, and FFmpeg offers no choice.
    return {} if rendition.codec == "av1" else {"profile:v": "high" if rendition.codec == "h264" else "main"}
