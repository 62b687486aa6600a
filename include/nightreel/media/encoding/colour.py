"""What the numbers of a picture mean: the colours of every output, and the conversion from any source.

A picture is first declared to be in the colours that it was understood to have, so that every
filter after that reads them from the frames; then it is converted; then it says what it is.
"""

from collections.abc import Iterator

from nightreel.media.encoding.filters import Filter
from nightreel.media.pixel_formats import CONVERTIBLE
from nightreel.media.planning.plan_colour import MATRICES
from nightreel.media.source import Alpha, Colour, DynamicRange

REFERENCE_WHITE_NITS = 203
"""Where HDR has the white that SDR has at its top (Rec. ITU-R BT.2408, 2.1)."""
_PEAK_NITS: dict[DynamicRange, int] = {"pq": 10_000, "hlg": 1_000}
"""The brightest that can be said: PQ by definition, HLG on its reference display (Rec. ITU-R BT.2100)."""
_KNEE = 0.5
"""Up to this share of the reference white nothing is changed: skin and mid greys keep their level."""
_FADING_FROM = 4
"""From so many times the reference white on colours fade to white, or a bright sky would be yellow."""
_METADATA_OF_THE_SOURCE = ("A53_CC", "DOVI_RPU_BUFFER", "DOVI_METADATA", "DYNAMIC_HDR_PLUS")
"""What an HDR rendition must not repeat, being of another size and coded anew."""

_TRANSFERS: dict[DynamicRange, str] = {"sdr": "bt709", "pq": "smpte2084", "hlg": "arib-std-b67"}
_SCALER_MATRICES = MATRICES - {"ycgco"} | {"gbr"}
"""Of pictures that FFmpeg's scaler accepts."""
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
    """Tags the frames with the colours that were understood, so that later filters can rely on them.

    `field_mode` as of `setparams`. Where pixels can be transparent, black is behind them.
    """
    options = {"color_primaries": colour.primaries, "color_trc": colour.transfer}
    if colour.matrix != "gbr":
        options |= {"colorspace": colour.matrix, "range": colour.range}
    yield Filter.of("setparams", field_mode=field_mode, **options)
    if alpha == "straight":
        yield Filter.of("premultiply", inplace=1)
    yield Filter.of("format", pix_fmts="|".join(CONVERTIBLE))
    if colour.matrix not in _SCALER_MATRICES:
        # Nothing but zscale takes it, so it must go before anything else is done.
        yield Filter.of("zscale", m=_MATRICES_OF_ZSCALE[_scalable(colour).matrix])


def _scalable(colour: Colour) -> Colour:
    """The colours after `declaring`."""
    if colour.matrix in _SCALER_MATRICES:
        return colour
    return colour.model_copy(update={"matrix": "bt2020nc" if colour.primaries == "bt2020" else "bt709"})


def labelling(dynamic_range: DynamicRange) -> Iterator[Filter]:
    """Tags the frames with what they are now, and no more: the encoder believes only them."""
    tags = colour_tags(dynamic_range)
    if dynamic_range == "sdr":
        # The source's display and its light are not those of what was tone-mapped.
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
    """Brings the picture into the colours of a rendition: SDR, or the range that it has."""
    if _scalable(colour) == _of(dynamic_range):
        return
    target = Filter.of("zscale", **dict(_zscale_names(dynamic_range)))
    if colour.dynamic_range != dynamic_range:
        peak = _PEAK_NITS[colour.dynamic_range] / REFERENCE_WHITE_NITS
        yield Filter.of("zscale", t="linear", npl=REFERENCE_WHITE_NITS)
        yield Filter.of("format", pix_fmts="gbrpf32le")
        # In the wide primaries, where no colour is negative yet.
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
    # Eight bits after many: without it, skies would show steps.
    yield "dither", "ordered"
