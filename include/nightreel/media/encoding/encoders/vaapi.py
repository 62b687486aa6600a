"""Encoding through the Video Acceleration API: AMD's and Intel's hardware on Linux."""

from typing import Any

from nightreel.media.encoding.encoders.rate import capped_rate
from nightreel.media.renditions import VideoRendition


def coding(rendition: VideoRendition) -> dict[str, Any]:
    """FFmpeg's options for VA-API."""
    return {
        "profile:v": "high" if rendition.codec == "h264" else "main",
        "rc_mode": "VBR",
        **capped_rate(rendition),
        # Every I-frame is a keyframe.
        "idr_interval": 0,
    }
