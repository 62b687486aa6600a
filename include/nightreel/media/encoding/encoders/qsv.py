"""Encoding by Intel's hardware (Quick Sync Video)."""

from typing import Any

from nightreel.media.encoding.encoders.rate import capped_rate
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import Preset

# It knows x264's preset names, except the two fastest.
_PRESETS: dict[Preset, str] = {"ultrafast": "veryfast", "superfast": "veryfast"}


def coding(rendition: VideoRendition) -> dict[str, Any]:
    """FFmpeg's options for Intel's Quick Sync."""
    return {
        "profile:v": "high" if rendition.codec == "h264" else "main",
        "preset": _PRESETS.get(rendition.preset, rendition.preset),
        **capped_rate(rendition),
        "forced_idr": 1,
        "adaptive_i": 0,
        "adaptive_b": 0,
        # Every I-frame is a keyframe; AV1 has no other kind.
        **({} if rendition.codec == "av1" else {"idr_interval": 0}),
        **({"tier": "main"} if rendition.codec == "hevc" else {}),
    }
