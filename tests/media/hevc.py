"""Clips in HEVC for the copy of pictures."""

from nightreel.media.planning.copying import CopyLimits
from tests.media.clips import Clip
from tests.media.h264 import SCENES

ALL_SETS = CopyLimits(codecs=("h264", "hevc"), hdr=True)
CLOSED_GOPS = ("open-gop=0", "keyint=25", "min-keyint=25", "bframes=3")
PQ = ("colorprim=bt2020", "transfer=smpte2084", "colormatrix=bt2020nc")


def hevc_film(*options: str, rate: str = "25", pixels: str = "yuv420p", after: tuple[str, ...] = ()) -> Clip:
    """A picture with a keyframe every 25 frames, as x265 makes it with these options."""
    coded = ("-c:v", "libx265", "-pix_fmt", pixels)
    said = ":".join(("log-level=none", *CLOSED_GOPS, *options))
    return Clip(SCENES.format(rate=rate), seconds=2.4, after=(*coded, "-x265-params", said, *after))
