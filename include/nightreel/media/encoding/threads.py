"""How many threads each encoder of a job gets: together they fill the cores, and no more."""

from collections.abc import Mapping, Sequence
from math import ceil

from nightreel.media.encoding.encoders import Encoder
from nightreel.media.renditions import VideoRendition


def thread_options(
    renditions: Sequence[VideoRendition], encoders: Mapping[str, Encoder], cores: int
) -> dict[str, dict[str, int]]:
    """FFmpeg's output options for the threads of each rendition's encoder, by the rendition's name.

    x264 by itself takes one and a half threads per core, however many encoders there are; each more costs
    bits, because a frame then knows less of the one before. Here each has its share of the cores, by its
    pixels, and one at least. Other encoders, one that is alone, and all with 0 `cores` choose for themselves.
    """
    if len(renditions) == 1 or not cores:
        return {item.name: {} for item in renditions}
    pixels = sum(item.pixels for item in renditions)
    return {
        item.name: {"threads:v": ceil(cores * item.pixels / pixels)}
        if encoders[item.name].name == "libx264"
        else {}
        for item in renditions
    }
