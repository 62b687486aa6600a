"""Terms of media: the choices in the settings, and the terms of plans and encoders."""

from typing import Literal

Container = Literal["cmaf", "ts"]
"""CMAF for HLS and DASH, or MPEG transport streams for HLS alone."""
VideoCodec = Literal["h264", "hevc", "av1"]
FastPreset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"]
Preset = Literal[FastPreset, "slow", "slower", "veryslow"]
"""An encoder's trade of speed for size, in x264's names, the fastest first."""
Hardware = Literal["nvenc", "qsv", "vaapi", "videotoolbox"]
"""What encodes the picture instead of software, in the order of preference."""
EncoderSetting = Literal["software", "auto", Hardware]
DecodeCheck = Literal["off", "sampled", "whole"]
"""How much of a source is decoded before it is encoded."""
