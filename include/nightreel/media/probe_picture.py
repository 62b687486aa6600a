"""A picture track as ffprobe describes it: its size as shown, its colours, its rates."""

from fractions import Fraction
from typing import Any

from nightreel.media.source import Colour, VideoStream

_INTERLACED = {"tt", "bb", "tb", "bt"}


def video_stream(stream: dict[str, Any]) -> VideoStream:
    """One entry of ffprobe's `streams`, of a picture that can be decoded."""
    return VideoStream(
        index=stream["index"],
        codec=stream["codec_name"],
        width=int(stream.get("width", 0)),
        height=int(stream.get("height", 0)),
        sample_aspect_ratio=_ratio(stream.get("sample_aspect_ratio", ""), ":") or Fraction(1),
        rotation=_rotation(stream),
        nominal_rate=_ratio(stream.get("r_frame_rate", ""), "/"),
        average_rate=_ratio(stream.get("avg_frame_rate", ""), "/"),
        pixel_format=stream.get("pix_fmt", ""),
        colour=Colour(
            primaries=stream.get("color_primaries", ""),
            transfer=stream.get("color_transfer", ""),
            matrix=stream.get("color_space", ""),
            range="full" if stream.get("color_range") == "pc" else "limited",
        ),
        interlaced=stream.get("field_order", "") in _INTERLACED,
    )


def _rotation(stream: dict[str, Any]) -> int:
    for side in stream.get("side_data_list", []):
        if "rotation" in side:
            # ffprobe gives the counter-clockwise angle of the display matrix.
            return round(-float(side["rotation"]) / 90) * 90 % 360
    return 0


def _ratio(text: str, separator: str) -> Fraction | None:
    upper, _, lower = text.partition(separator)
    if upper.isdigit() and lower.isdigit() and int(upper) and int(lower):
        return Fraction(int(upper), int(lower))
    return None
