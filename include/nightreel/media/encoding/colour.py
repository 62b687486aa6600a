"""What the numbers of a picture mean: the colours of every output, and the way there from any source.

A picture is first declared to be in the colours that it was understood to have, so that every
filter after that reads them from the frames; then it is converted; then it says what it is.
"""

from collections.abc import Iterator

from nightreel.media.encoding.filters import Filter
from nightreel.media.inspection.refusals import Refusal
from nightreel.media.pixel_formats import CONVERTIBLE, is_rgb
from nightreel.media.source import Alpha, Colour, DynamicRange, VideoStream

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
# All meant for the same display (Rec. ITU-R BT.1886), so the numbers may stay as they are.
_SHOWN_LIKE_BT709 = {
    "bt709", "smpte170m", "smpte240m", "bt470m", "bt470bg", "bt2020-10", "bt2020-12",
    "iec61966-2-1", "iec61966-2-4", "bt1361e",
}  # fmt: skip
# Of ITU-T H.273, those that FFmpeg's filters convert from.
_PRIMARIES = {
    "bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020", "smpte428", "smpte431",
    "smpte432", "ebu3213", "jedec-p22",
}  # fmt: skip
_MATRICES = {"bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "bt2020nc", "ycgco"}
_SCALER_MATRICES = _MATRICES - {"ycgco"} | {"gbr"}
"""Of pictures that FFmpeg's scaler accepts."""
# Not YCbCr at all, so that taking them for it would turn green into grey.
_OPAQUE_MATRICES = {"ictcp", "ipt-c2", "smpte2085"}
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


def understood(video: VideoStream) -> tuple[Colour, tuple[str, ...]]:
    """The colours with every gap filled, and a sentence for the owner about each real guess.

    Filling the gaps of SDR by the picture's size is the convention of all players, and no
    guess worth a warning: BT.601 up to 576 lines, BT.709 above. Raises SourceRejected with
    code `unknown_colours` for a picture of which nothing could be recognised without its own matrix.
    """
    said = video.colour
    if said.matrix in _OPAQUE_MATRICES:
        raise Refusal.UNKNOWN_COLOURS.because(matrix=said.matrix)
    wide = said.primaries == "bt2020" or said.matrix in ("bt2020nc", "bt2020c")
    transfer, warnings = _transfer(video, wide=wide)
    primaries = _known(said.primaries, _PRIMARIES) or (
        "bt2020" if wide or transfer != "bt709" else _usual_primaries(video)
    )
    matrix = _known(said.matrix, _MATRICES) or ("bt2020nc" if primaries == "bt2020" else _usual_matrix(video))
    if is_rgb(video.pixel_format):
        matrix = "gbr"
    elif said.matrix and said.matrix not in _MATRICES:
        warnings += (
            f"The picture's colours are coded as {said.matrix}, for which there is no conversion; they were "
            f"taken as {matrix}, which is what most files mean. If they look wrong, export it as BT.709.",
        )
    return Colour(primaries=primaries, transfer=transfer, matrix=matrix, range=said.range), warnings


def _known(name: str, names: set[str]) -> str:
    return name if name in names else ""


def _transfer(video: VideoStream, *, wide: bool) -> tuple[str, tuple[str, ...]]:
    said = video.colour.transfer
    if video.colour.dynamic_range != "sdr":
        return said, ()
    if said in _SHOWN_LIKE_BT709:
        return "bt709", ()
    if said:
        return "bt709", (
            f"The picture's brightness is coded as {said}, for which there is no conversion; "
            "it was taken as that of ordinary video (BT.709). If it looks wrong, export it as BT.709.",
        )
    if video.hdr_metadata:
        return "smpte2084", (
            "The file does not say how its brightness is coded, but describes an HDR display, "
            "so the picture was taken as HDR10 (PQ). If it looks wrong, export it with its colour tags.",
        )
    if wide:
        return "bt709", (
            "The file says that its colours are BT.2020 but not how its brightness is coded, so the picture "
            "was taken as SDR. If it looks washed out, it is HDR: export it with its colour tags.",
        )
    return "bt709", ()


def _is_standard_definition(video: VideoStream) -> bool:
    shorter, longer = sorted((video.width, video.height))
    return shorter <= 576 and longer < 1280


def _usual_matrix(video: VideoStream) -> str:
    return "smpte170m" if _is_standard_definition(video) else "bt709"


def _usual_primaries(video: VideoStream) -> str:
    # Only broadcast sizes came with the phosphors of their country; a small film on the
    # web has those of the computer that made it.
    return {(720, 576): "bt470bg", (720, 480): "smpte170m", (720, 486): "smpte170m"}.get(
        (video.width, video.height), "bt709"
    )


def declaring(colour: Colour, *, field_mode: str, alpha: Alpha = "none") -> Iterator[Filter]:
    """Makes the frames say what was understood, in numbers that everything after it can work with.

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
    """Makes the frames say what they are now, and no more: the encoder believes only them."""
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
