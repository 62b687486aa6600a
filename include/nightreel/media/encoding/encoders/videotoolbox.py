"""Encoding by Apple's hardware (VideoToolbox): H.264 and HEVC."""

from typing import Any

from nightreel.media.encoding.encoders.rate import capped_rate
from nightreel.media.renditions import VideoRendition


def coding(rendition: VideoRendition) -> dict[str, Any]:
    """FFmpeg's options for Apple's encoders."""
    return {
        "profile:v": "high" if rendition.codec == "h264" else "main",
        **capped_rate(rendition),
        # Quality over low delay; and not the system's software encoder, because x264 is better.
        "realtime": 0,
        "allow_sw": 0,
    }
