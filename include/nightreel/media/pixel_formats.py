"""What FFmpeg's names of pixel formats mean, as libavutil itself describes them."""

from functools import lru_cache

import av

_ORDINARY = ("yuv420p", "yuv422p", "yuv440p", "yuv444p", "gbrp", "gray")
_DEPTHS = ("", "10le", "12le")
CONVERTIBLE = tuple(name + depth for name in _ORDINARY for depth in _DEPTHS)
"""Those that FFmpeg's filters take at every even size, without alpha; others become the nearest.

Of 4:1:1 and 4:1:0, zscale refuses every width that does not divide by four.
"""


def is_rgb(name: str) -> bool:
    """Whether the numbers are red, green and blue, which are always in full range."""
    told = _described(name)
    return told is not None and (told.is_rgb or told.has_palette)


def has_alpha(name: str) -> bool:
    """Whether every pixel says how much of it is seen."""
    told = _described(name)
    if told is None:
        return False
    return told.has_palette or name.startswith("ya") or any(part.is_alpha for part in told.components)


@lru_cache(maxsize=256)
def _described(name: str) -> av.VideoFormat | None:
    try:
        return av.VideoFormat(name)
    except ValueError:
        return None
