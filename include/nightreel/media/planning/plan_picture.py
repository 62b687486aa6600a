"""Which renditions of the picture a title gets: the rungs of the ladder, in every codec asked for."""

from fractions import Fraction

from nightreel.media.planning.ladder import Preset, Rung
from nightreel.media.renditions import VideoCodec, VideoRendition
from nightreel.media.source import DynamicRange, VideoStream

# The rate at which a codec's picture is as good as H.264's at 1, rounded up: HEVC needs 35.4 %
# less (Ohm et al., IEEE TCSVT 22-12, 2012), AV1 46.2 % less than x264 High (Facebook, 2018).
_RATE_FACTORS: dict[VideoCodec, float] = {"h264": 1.0, "hevc": 0.65, "av1": 0.55}
# In pixels, of either side: x265 makes none that is smaller, and SVT-AV1 fails at the smallest.
_SMALLEST_SIDES: dict[VideoCodec, int] = {"h264": 2, "hevc": 16, "av1": 16}


def video_renditions(
    rungs: tuple[Rung, ...],
    video: VideoStream,
    *,
    codecs: tuple[VideoCodec, ...] = ("h264",),
    hdr: bool = False,
    preset: Preset | None = None,
) -> tuple[VideoRendition, ...]:
    """The sets one after another, H.264 first, each from the lowest to the highest.

    With `hdr`, a source in PQ or HLG gets a set in HEVC Main10 that keeps its range. What is
    too small for a codec is not made in it.
    """
    sets: list[tuple[str, VideoCodec, DynamicRange]] = [
        ("" if codec == "h264" else f"{codec}_", codec, "sdr") for codec in codecs
    ]
    if hdr and video.colour.dynamic_range != "sdr":
        sets.append(("hdr_", "hevc", video.colour.dynamic_range))
    return tuple(
        VideoRendition(
            name=prefix + rung.name,
            codec=codec,
            dynamic_range=dynamic_range,
            width=size[0],
            height=size[1],
            video_bps=int(rung.video_bps * _RATE_FACTORS[codec]),
            maxrate_bps=int(rung.video_bps * _RATE_FACTORS[codec] * rung.maxrate_factor),
            preset=preset or rung.preset,
        )
        for prefix, codec, dynamic_range in sets
        for rung in rungs
        for size in (_size(rung, video.display_size),)
        if min(size) >= _SMALLEST_SIDES[codec]
    )


def _size(rung: Rung, display: tuple[int, int]) -> tuple[int, int]:
    shorter, longer = min(display), max(display)
    # To the nearest even size, but never past that of the source: 853 becomes 852, not 854.
    nearest = round(Fraction(longer * rung.height, shorter) / 2) * 2
    other = max(2, min(nearest, longer - longer % 2))
    return (other, rung.height) if display[0] >= display[1] else (rung.height, other)
