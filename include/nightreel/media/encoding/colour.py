"""The meaning of a picture's values: the colours of every output, and the conversion from any source.

First the picture is labelled with the colours that it was understood to have, so that later filters read
them from the frames. Then it is converted. Then it is labelled with what it has become.
"""

from collections.abc import Iterator

from nightreel.media.encoding.filters import Filter
from nightreel.media.pixel_formats import CONVERTIBLE
from nightreel.media.planning.plan_colour import MATRICES
from nightreel.media.source import Alpha, Colour, DynamicRange

REFERENCE_WHITE_NITS = 203
"""The level at which HDR has SDR's white (Rec. ITU-R BT.2408, 2.1)."""
_PEAK_NITS: dict[DynamicRange, int] = {"pq": 10_000, "hlg": 1_000}
"""The greatest brightness: of PQ by definition, of HLG on its reference display (Rec. ITU-R BT.2100)."""
_KNEE = 0.5
"""Nothing is changed up to this share of the reference white: skin and mid greys keep their level."""
_FADING_FROM = 4
"""Above this multiple of the reference white, colours fade to white, or a bright sky would be yellow."""
_METADATA_OF_THE_SOURCE = ("A53_CC", "DOVI_RPU_BUFFER", "DOVI_METADATA", "DYNAMIC_HDR_PLUS")
"""Not copied to an HDR rendition, because it belongs to the source's size and coding."""

_TRANSFERS: dict[DynamicRange, str] = {"sdr": "bt709", "pq": "smpte2084", "hlg": "arib-std-b67"}
_SCALER_MATRICES = MATRICES - {"ycgco"} | {"gbr"}
"""The matrices that FFmpeg's scaler accepts."""
_MATRICES_OF_ZSCALE = {"bt709": "709", "bt2020nc": "2020_ncl"}


def colour_tags(dynamic_range: DynamicRange) -> dict[str, str]:
    """FFmpeg's output options that name the colours of a rendition (ITU-T H.273).

    SDR is BT.709 in all three (Rec. ITU-R BT.709), HDR is BT.2020 with PQ or HLG
    (Rec. ITU-R BT.2100), both in limited range.
    """
    wide = dynamic_range != "sdr"
    return {
        "color_primaries": "bt2020" if wide else "bt709",
        "color_trc": _TRANSFERS[dynamic_range],
        "colorspace": "bt2020nc" if wide else "bt709",
        "color_range": "tv",
    }


def declaring(colour: Colour, *, field_mode: str, alpha: Alpha = "none") -> Iterator[Filter]:
    """Labels the frames with the understood colours, so that later filters can rely on them.

    `field_mode` is an option of FFmpeg's `setparams`. Transparent pixels are shown over black.
    """
    options = {"color_primaries": colour.primaries, "color_trc": colour.transfer}
    if colour.matrix != "gbr":
        options |= {"colorspace": colour.matrix, "range": colour.range}
    yield Filter.of("setparams", field_mode=field_mode, **options)
    if alpha == "straight":
        yield Filter.of("premultiply", inplace=1)
    yield Filter.of("format", pix_fmts="|".join(CONVERTIBLE))
    if colour.matrix not in _SCALER_MATRICES:
        # Only zscale takes this matrix, so it must be converted first.
        yield Filter.of("zscale", m=_MATRICES_OF_ZSCALE[_scalable(colour).matrix])


def _scalable(colour: Colour) -> Colour:
    """The colours after `declaring`."""
    if colour.matrix in _SCALER_MATRICES:
        return colour
    return colour.model_copy(update={"matrix": "bt2020nc" if colour.primaries == "bt2020" else "bt709"})


def labelling(dynamic_range: DynamicRange) -> Iterator[Filter]:
    """Labels the frames with what they are now, because the encoder believes only their labels."""
    tags = colour_tags(dynamic_range)
    if dynamic_range == "sdr":
        # The metadata of the source's display no longer fits the tone-mapped picture.
        yield Filter.of("sidedata", mode="delete")
    else:
        for kind in _METADATA_OF_THE_SOURCE:
            yield Filter.of("sidedata", mode="delete", type=kind)
    yield Filter.of(
        "setparams",
        field_mode="prog",
        color_primaries=tags["color_primaries"],
        color_trc=tags["color_trc"],
        colorspace=tags["colorspace"],
        range=tags["color_range"],
    )


def converting(colour: Colour, dynamic_range: DynamicRange) -> Iterator[Filter]:
    """Converts the picture to the colours of a rendition: SDR, or its own HDR range."""
    if _scalable(colour) == _of(dynamic_range):
        return
    target = Filter.of("zscale", **dict(_zscale_names(dynamic_range)))
    if colour.dynamic_range != dynamic_range:
        peak = _PEAK_NITS[colour.dynamic_range] / REFERENCE_WHITE_NITS
        yield Filter.of("zscale", t="linear", npl=REFERENCE_WHITE_NITS)
        yield Filter.of("format", pix_fmts="gbrpf32le")
        # Before the primaries are converted, because until then no colour is negative.
        yield Filter.of("tonemap", tonemap="mobius", param=_KNEE, peak=f"{peak:.3f}", desat=_FADING_FROM)
    yield target


def _of(dynamic_range: DynamicRange) -> Colour:
    tags = colour_tags(dynamic_range)
    return Colour(primaries=tags["color_primaries"], transfer=tags["color_trc"], matrix=tags["colorspace"])


def _zscale_names(dynamic_range: DynamicRange) -> Iterator[tuple[str, str]]:
    tags = colour_tags(dynamic_range)
    yield "p", {"bt2020": "2020"}.get(tags["color_primaries"], "709")
    yield "t", tags["color_trc"]
    yield "m", _MATRICES_OF_ZSCALE[tags["colorspace"]]
    yield "r", "limited"
    # Dithering to eight bits: without it, skies would show banding.
    yield "dither", "ordered"
