"""A picture track as ffprobe describes it: its size as shown, its colours, its rates."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from nightreel.media.inspection.refusals import Refusal
from nightreel.media.pixel_formats import has_alpha, is_rgb
from nightreel.media.source import Alpha, Colour, VideoStream

_INTERLACED = {"tt", "bb", "tb", "bt"}
_UNSAID = {"", "unknown", "unspecified", "reserved"}
_HDR_METADATA = {"Mastering display metadata", "Content light level metadata"}
_DECODERS_OF_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
_RICHEST_FORMATS = {"png": "rgba"}
"""The richest format of codecs for which ffprobe may have no decoder."""
_SPHERICAL, _STEREO, _NO_STEREO = "Spherical Mapping", "Stereo 3D", "2D"
_NO_COMPATIBLE_BASE = 0
"""A value of `dv_bl_signal_compatibility_id` (Dolby Vision Profiles and Levels, section 2.3)."""


def video_stream(stream: dict[str, Any]) -> VideoStream:
    """The picture of one entry of ffprobe's `streams`, which must be decodable.

    Raises SourceRejected with code `dolby_vision_only` for a picture that only a Dolby Vision decoder can
    show.
    """
    _require_base_layer(stream)
    if stream.get("pix_fmt", "unknown") == "unknown":
        stream = stream | {"pix_fmt": _RICHEST_FORMATS.get(stream["codec_name"], "")}
    cropped_width, cropped_height = _clean_aperture(stream)
    return VideoStream(
        index=stream["index"],
        codec=stream["codec_name"],
        width=cropped_width,
        height=cropped_height,
        sample_aspect_ratio=_ratio(stream.get("sample_aspect_ratio", ""), ":") or Fraction(1),
        rotation=_rotation(stream),
        mirrored=_mirrored(stream),
        nominal_rate=_ratio(stream.get("r_frame_rate", ""), "/"),
        average_rate=_ratio(stream.get("avg_frame_rate", ""), "/"),
        pixel_format=stream.get("pix_fmt", ""),
        colour=colour_of(stream),
        alpha=alpha_of(stream),
        decoder=_decoder(stream),
        hdr_metadata=has_hdr_metadata(stream),
        interlaced=stream.get("field_order", "") in _INTERLACED,
    )


def _require_base_layer(stream: dict[str, Any]) -> None:
    for side in _side_data(stream):
        if side.get("dv_bl_signal_compatibility_id") == _NO_COMPATIBLE_BASE:
            raise Refusal.DOLBY_VISION_ONLY.because(profile=side.get("dv_profile", 5))


def told_of_depth(stream: dict[str, Any]) -> Iterator[str]:
    """Sentences about a 360° or stereoscopic picture.

    Knows spherical video as in Google's RFC (`sv3d`, `st3d`, Matroska's Projection) and Apple's stereo
    (`vexu`).
    """
    for side in _side_data(stream):
        kind = side.get("side_data_type")
        if kind == _SPHERICAL:
            yield (
                f"The picture is a 360° one ({side.get('projection', 'spherical')}). "
                "That information is not kept: players show it flat."
            )
        if kind == _STEREO and side.get("type") != _NO_STEREO:
            yield (
                f"The picture is in stereo ({side.get('type', 'two views')}). That information is not "
                "kept: players show it as it is in the file, or one eye's view alone."
            )


def _clean_aperture(stream: dict[str, Any]) -> tuple[int, int]:
    """Width and height after the container's cropping (`clap` in MP4), which FFmpeg applies.

    Cropping by the codec itself is already in ffprobe's width and height.
    """
    width, height = int(stream.get("width", 0)), int(stream.get("height", 0))
    for side in _side_data(stream):
        width -= int(side.get("crop_left", 0)) + int(side.get("crop_right", 0))
        height -= int(side.get("crop_top", 0)) + int(side.get("crop_bottom", 0))
    return max(0, width), max(0, height)


def _rotation(stream: dict[str, Any]) -> int:
    for side in _side_data(stream):
        if "rotation" in side:
            # ffprobe gives the counter-clockwise angle of the display matrix.
            angle = -float(side["rotation"])
            quarters = round(angle / 90)
            # At other angles, the picture is turned within its frame, whose size stays the same.
            return quarters * 90 % 360 if abs(angle - quarters * 90) < 1 else 0
    return 0


def _mirrored(stream: dict[str, Any]) -> bool:
    """Whether the display matrix (ISO/IEC 14496-12, 8.3.2) mirrors the picture."""
    for side in _side_data(stream):
        if rows := side.get("displaymatrix", "").split("\n"):
            values = [[int(value) for value in row.partition(":")[2].split()] for row in rows if ":" in row]
            if len(values) == 3:
                (a, b, _), (c, d, _), _ = values
                return a * d - b * c < 0
    return False


def colour_of(stream: dict[str, Any]) -> Colour:
    """What an entry of ffprobe's `streams` or `frames` says of its colours."""
    pixel_format = stream.get("pix_fmt", "")
    full = is_rgb(pixel_format) or pixel_format.startswith("yuvj") or stream.get("color_range") == "pc"
    return Colour(
        primaries=_said(stream, "color_primaries"),
        transfer=_said(stream, "color_transfer"),
        matrix=_said(stream, "color_space"),
        range="full" if full else "limited",
    )


def alpha_of(told: dict[str, Any]) -> Alpha:
    """What an entry of ffprobe's `streams` or `frames` says of transparency."""
    if not (has_alpha(told.get("pix_fmt", "")) or _has_alpha_beside(told)):
        return "none"
    return "premultiplied" if told.get("alpha_mode") == "premultiplied" else "straight"


def _has_alpha_beside(stream: dict[str, Any]) -> bool:
    """Whether transparency is a second picture beside the colours (WebM guidelines, AlphaMode)."""
    tags = {name.lower(): value for name, value in stream.get("tags", {}).items()}
    return str(tags.get("alpha_mode", "")) == "1"


def _decoder(stream: dict[str, Any]) -> str:
    # FFmpeg's own VP8 and VP9 decoders ignore the second picture.
    return _DECODERS_OF_ALPHA.get(stream["codec_name"], "") if _has_alpha_beside(stream) else ""


def has_hdr_metadata(told: dict[str, Any]) -> bool:
    """Whether such an entry describes the display on which an HDR picture was graded."""
    return any(side.get("side_data_type") in _HDR_METADATA for side in _side_data(told))


def _said(stream: dict[str, Any], key: str) -> str:
    name = str(stream.get(key, ""))
    return "" if name in _UNSAID else name


def _side_data(stream: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from stream.get("side_data_list", [])


def _ratio(text: str, separator: str) -> Fraction | None:
    upper, _, lower = text.partition(separator)
    if upper.isdigit() and lower.isdigit() and int(upper) and int(lower):
        return Fraction(int(upper), int(lower))
    return None
