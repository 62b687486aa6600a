"""Terms of media: the choices in the settings, and the terms of plans and encoders."""

from typing import Literal

Container = Literal["cmaf", "ts"]
"""CMAF for HLS and DASH, or MPEG transport streams for HLS alone."""
VideoCodec = Literal["h264", "hevc", "av1"]
FastPreset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"]
Preset = Literal[FastPreset, "slow", "slower", "veryslow"]
"""An encoder's trade of speed for size, as x264 names it, fastest first."""
Hardware = Literal["nvenc", "qsv", "vaapi", "videotoolbox"]
"""What encodes the picture in place of software, in the order of preference."""
EncoderSetting = Literal["software", "auto", Hardware]
DecodeCheck = Literal["off", "sampled", "whole"]
"""How much of a source is decoded before it is encoded."""
CopyCheck = Literal["sampled", "whole"]
"""How much of a copied picture is decoded before it is uploaded: the frames after each cut, or all."""
