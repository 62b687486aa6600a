"""The meaning of the values in a source's picture, if the file does not say all of it."""

from nightreel.media.inspection.refusals import Refusal
from nightreel.media.pixel_formats import is_rgb
from nightreel.media.source import Colour, VideoStream

# All are meant for the same display (Rec. ITU-R BT.1886), so the values can stay as they are.
_SHOWN_LIKE_BT709 = {
    "bt709", "smpte170m", "smpte240m", "bt470m", "bt470bg", "bt2020-10", "bt2020-12",
    "iec61966-2-1", "iec61966-2-4", "bt1361e",
}  # fmt: skip
# The primaries of ITU-T H.273 that FFmpeg's filters convert from.
_PRIMARIES = {
    "bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020", "smpte428", "smpte431",
    "smpte432", "ebu3213", "jedec-p22",
}  # fmt: skip
MATRICES = {"bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "bt2020nc", "ycgco"}
"""The matrices of ITU-T H.273 that FFmpeg's filters convert from."""
# Not YCbCr at all: decoded as YCbCr, green would become grey.
_OPAQUE_MATRICES = {"ictcp", "ipt-c2", "smpte2085"}


def understood(video: VideoStream) -> tuple[Colour, tuple[str, ...]]:
    """The colours with every gap filled, and a sentence for the owner about each real guess.

    All players fill the gaps of SDR by the picture's size (BT.601 up to 576 lines, BT.709 above), so that
    needs no warning. Raises SourceRejected with code `unknown_colours` for a picture that could not be
    recognised without its own matrix.
    """
    said = video.colour
    if said.matrix in _OPAQUE_MATRICES:
        raise Refusal.UNKNOWN_COLOURS.because(matrix=said.matrix)
    wide = said.primaries == "bt2020" or said.matrix in ("bt2020nc", "bt2020c")
    transfer, warnings = _transfer(video, wide=wide)
    primaries = _known(said.primaries, _PRIMARIES) or (
        "bt2020" if wide or transfer != "bt709" else _usual_primaries(video)
    )
    matrix = _known(said.matrix, MATRICES) or ("bt2020nc" if primaries == "bt2020" else _usual_matrix(video))
    if is_rgb(video.pixel_format):
        matrix = "gbr"
    elif said.matrix and said.matrix not in MATRICES:
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
            "it was taken as ordinary video's (BT.709). If it looks wrong, export it as BT.709.",
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
    # Only broadcast sizes use the primaries of their country; a small film on the web has those
    # of the computer that made it.
    return {(720, 576): "bt470bg", (720, 480): "smpte170m", (720, 486): "smpte170m"}.get(
        (video.width, video.height), "bt709"
    )
