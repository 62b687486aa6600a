"""Figures that several suites derive from the facts."""

from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.suites.rules import MISSING

NONE = "none"
UNREADABLE = "unreadable"
_VIDEO_RANGES = {"smpte2084": "PQ", "arib-std-b67": "HLG"}


def rate_error(measured: float | None, declared: int | None) -> float:
    """By how much a measured rate exceeds the declared one, as a share of it."""
    return (measured - declared) / declared if measured is not None and declared else MISSING


def measured_resolution(rendition: Rendition) -> str:
    """As in `1280x720`; `UNREADABLE` where no picture could be decoded."""
    picture = rendition.picture
    return f"{picture.width}x{picture.height}" if picture else UNREADABLE


def measured_codec(rendition: Rendition) -> str:
    """As the init segment names it, in lower case; `UNREADABLE` without one."""
    return rendition.track.codec.lower() if rendition.track else UNREADABLE


def measured_channels(rendition: Rendition) -> int:
    """Of the sound; 0 where that cannot be read."""
    return rendition.track.channels if rendition.track else 0


def measured_video_range(rendition: Rendition) -> str:
    """VIDEO-RANGE for what the picture's own transfer function is (RFC 8216bis, 4.4.6.2)."""
    picture = rendition.picture
    return _VIDEO_RANGES.get(picture.colours.split("/")[1], "SDR") if picture else UNREADABLE


def codec_list(codecs: list[str]) -> str:
    """CODECS in one order and spelling."""
    return ",".join(sorted({_without_defaults(codec.strip().lower()) for codec in codecs}))


def _without_defaults(codec: str) -> str:
    # What follows the bit depth of AV1 is about colours, and may be left out.
    return ".".join(codec.split(".")[:4]) if codec.startswith("av01.") else codec
