"""Chooses the renditions of the picture: the rungs of the ladder, in every requested codec."""

from fractions import Fraction
from math import ceil, isqrt

from nightreel.media.pixel_formats import bits, chroma, colours_per_pixel
from nightreel.media.planning.ladder import Rung
from nightreel.media.renditions import LONGEST_SIDE, VideoRendition
from nightreel.media.source import DynamicRange, VideoStream
from nightreel.vocabulary.media import Preset, VideoCodec

# The rate at which a codec's picture is as good as H.264's at 1, rounded up. HEVC needs 35.4 %
# less (Ohm et al., IEEE TCSVT 22-12, 2012), AV1 46.2 % less than x264 High (Facebook, 2018).
_RATE_FACTORS: dict[VideoCodec, float] = {"h264": 1.0, "hevc": 0.65, "av1": 0.55}
SMALLEST_SIDES: dict[VideoCodec, int] = {"h264": 2, "hevc": 16, "av1": 16}
"""In pixels: x265 refuses less, and SVT-AV1 fails at its own minimum."""


_WIDE_PRIMARIES = {"bt2020": "BT.2020", "smpte431": "DCI P3", "smpte432": "Display P3", "smpte428": "XYZ"}
"""SDR primaries that can express colours far beyond BT.709."""

_MOST_BLOCKS = 34_560
"""Blocks of 16×16 pixels: at 60 frames a second, the most in H.264's level 5.2 (ITU-T H.264, table A-1)."""


def playable_lines(display: tuple[int, int]) -> int:
    """The shorter side of the largest picture of this shape that players can decode.

    At most the source's. Level 5.2 is the highest that Apple allows (HLS authoring rule 1.3).
    """
    shorter, longer = min(display), max(display)
    lines = min(shorter, shorter * LONGEST_SIDE // longer, isqrt(_MOST_BLOCKS * 256 * shorter // longer))
    while _blocks(lines, longer * lines // shorter) > _MOST_BLOCKS:
        lines -= 1
    return lines


def _blocks(width: int, height: int) -> int:
    return ceil(width / 16) * ceil(height / 16)


def warnings(video: VideoStream, renditions: tuple[VideoRendition, ...]) -> tuple[str, ...]:
    """Sentences about what viewers see differently from the source."""
    transparent = "The picture can have transparent parts; they are shown over black."
    return (
        *_too_large(video.display_size, renditions[-1]),
        *_narrowed(video, renditions),
        *([transparent] * (video.alpha != "none")),
    )


def _narrowed(video: VideoStream, renditions: tuple[VideoRendition, ...]) -> tuple[str, ...]:
    """About light and colours that no rendition can express."""
    dynamic_range = video.colour.dynamic_range
    kept = any(rendition.dynamic_range != "sdr" for rendition in renditions)
    if dynamic_range != "sdr" and not kept:
        # It goes without saying that SDR also has fewer steps.
        return (
            f"The picture is HDR ({dynamic_range.upper()}), and is shown in SDR. With NIGHTREEL_HDR=true "
            "and NIGHTREEL_CONTAINER=cmaf viewers whose screens can show it get HDR too.",
        )
    finer = _finer(video.pixel_format, renditions)
    wide = _WIDE_PRIMARIES.get(video.colour.primaries)
    if wide and not kept:
        return (
            f"The picture's colours are those of {wide}: the most vivid of them are shown as vivid as "
            "ordinary video can (BT.709).",
            *finer,
        )
    return finer


def _finer(pixel_format: str, renditions: tuple[VideoRendition, ...]) -> tuple[str, ...]:
    """About more colour steps, or finer chroma, than any rendition has."""
    best = max((rendition.pixel_format for rendition in renditions), key=bits)
    lost: list[tuple[str, str]] = []
    if bits(pixel_format) > bits(best):
        lost.append((f"{bits(pixel_format)} bits", f"{bits(best)} bits"))
    if colours_per_pixel(pixel_format) > colours_per_pixel(best):
        lost.append((chroma(pixel_format), chroma(best)))
    if not lost:
        return ()
    had, shown = (", ".join(each) for each in zip(*lost, strict=True))
    return (f"The picture's colours are finer ({had}) than those that viewers get ({shown}).",)


def _too_large(display: tuple[int, int], best: VideoRendition) -> tuple[str, ...]:
    """About a picture that is larger than players can decode."""
    if max(display) <= LONGEST_SIDE or min(best.width, best.height) < playable_lines(display) - 1:
        return ()
    return (
        f"The picture is {display[0]}×{display[1]} pixels, more than players can decode: the largest "
        f"rendition has {best.width}×{best.height}.",
    )


def video_renditions(
    rungs: tuple[Rung, ...],
    video: VideoStream,
    *,
    codecs: tuple[VideoCodec, ...] = ("h264",),
    hdr: bool = False,
    preset: Preset | None = None,
    target_vmaf: float | None = None,
) -> tuple[VideoRendition, ...]:
    """The sets one after another, H.264 first, each from lowest to highest.

    With `hdr`, a source in PQ or HLG also gets a set in HEVC Main10 that stays HDR. No codec makes
    renditions that are too small for it.
    """
    sets: list[tuple[VideoCodec, DynamicRange]] = [(codec, "sdr") for codec in codecs]
    if hdr and video.colour.dynamic_range != "sdr":
        sets.append(("hevc", video.colour.dynamic_range))
    return tuple(
        VideoRendition(
            name=name_in_set(rung.name, codec, dynamic_range),
            codec=codec,
            dynamic_range=dynamic_range,
            width=size[0],
            height=size[1],
            video_bps=int(rung.video_bps * _RATE_FACTORS[codec]),
            maxrate_bps=int(rung.video_bps * _RATE_FACTORS[codec] * rung.maxrate_factor),
            preset=preset or rung.preset,
            # There is no VMAF of HDR.
            target_vmaf=target_vmaf if dynamic_range == "sdr" else None,
        )
        for codec, dynamic_range in sets
        for rung in rungs
        for size in (_size(rung, video.display_size),)
        if min(size) >= SMALLEST_SIDES[codec]
    )


def name_in_set(lines: str, codec: VideoCodec, dynamic_range: DynamicRange) -> str:
    """The name of a rendition with so many lines, such as `360p` in H.264: other sets have a prefix."""
    if dynamic_range != "sdr":
        return f"hdr_{lines}"
    return lines if codec == "h264" else f"{codec}_{lines}"


def _size(rung: Rung, display: tuple[int, int]) -> tuple[int, int]:
    shorter, longer = min(display), max(display)
    # The nearest even size, but never more than the source's: 853 becomes 852, not 854.
    nearest = round(Fraction(longer * rung.height, shorter) / 2) * 2
    other = max(2, min(nearest, longer - longer % 2))
    return (other, rung.height) if display[0] >= display[1] else (rung.height, other)
