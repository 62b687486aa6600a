"""What FFmpeg's names of pixel formats mean, as libavutil itself describes them."""

from functools import lru_cache

import av

_ORDINARY = ("yuv420p", "yuv422p", "yuv440p", "yuv444p", "gbrp", "gray")
_DEPTHS = ("", "10le", "12le")
CONVERTIBLE = tuple(name + depth for name in _ORDINARY for depth in _DEPTHS)
"""The formats without alpha that FFmpeg's filters take at every even size; others become the nearest one.

zscale refuses 4:1:1 and 4:1:0 at widths that do not divide by four.
"""
_SIDE = 4
"""Side in pixels of a picture that is large enough to tell every chroma subsampling from the others."""
_SAMPLINGS = {
    (4, 4): "4:4:4",
    (2, 4): "4:2:2",
    (4, 2): "4:4:0",
    (2, 2): "4:2:0",
    (1, 4): "4:1:1",
    (1, 1): "4:1:0",
}
_LUMA_AND_CHROMA = 3


def is_rgb(name: str) -> bool:
    """Whether the values are red, green and blue, which are always in full range."""
    told = _described(name)
    return told is not None and (told.is_rgb or told.has_palette)


def has_alpha(name: str) -> bool:
    """Whether every pixel has a transparency."""
    told = _described(name)
    if told is None:
        return False
    return told.has_palette or name.startswith("ya") or any(part.is_alpha for part in told.components)


def bits(name: str) -> int:
    """Bits per component, at most; 0 for an unknown format."""
    told = _described(name)
    return max((part.bits for part in told.components), default=0) if told else 0


def chroma(name: str) -> str:
    """The chroma subsampling, such as `4:2:2`; empty for greys and unknown formats."""
    told = _described(name)
    if told is None or not (is_rgb(name) or len(told.components) >= _LUMA_AND_CHROMA):
        return ""
    return _SAMPLINGS.get((told.chroma_width(_SIDE), told.chroma_height(_SIDE)), "")


def colours_per_pixel(name: str) -> float:
    """1 if every pixel has its own colour, less if pixels share one; 0 for greys and unknown formats."""
    told = _described(name)
    if told is None or not chroma(name):
        return 0.0
    return told.chroma_width(_SIDE) * told.chroma_height(_SIDE) / _SIDE**2


@lru_cache(maxsize=256)
def _described(name: str) -> av.VideoFormat | None:
    try:
        return av.VideoFormat(name)
    except ValueError:
        return None
