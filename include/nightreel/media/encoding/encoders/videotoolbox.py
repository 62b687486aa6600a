"""Encoding by Apple's hardware (VideoToolbox): H.264 and HEVC."""

from typing import Any

from nightreel.media.encoding.encoders.rate import capped_rate
from nightreel.media.renditions import VideoRendition


def coding(rendition: VideoRendition) -> dict[str, Any]:
    """FFmpeg's options for Apple's encoders."""
    return {
        "profile:v": "high" if rendition.codec == "h264" else "main",
        **capped_rate(rendition),
        # Quality before delay; and no software of the system's, which x264 surpasses.
        "realtime": 0,
        "allow_sw": 0,
    }
