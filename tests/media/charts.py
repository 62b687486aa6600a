"""A colour chart whose truth is known: coded in any way by one library, read back by the same.

The mathematics are those of the package `colour-science`, so that neither FFmpeg nor Nightreel
is measured by itself.
"""

import subprocess
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    # It would like to draw diagrams, too.
    warnings.simplefilter("ignore")
    import colour

Values = NDArray[np.float64]

_CHECKER = (
    (115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170),
    (214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46),
    (56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161),
    (243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52),
)  # fmt: skip
_BARS = (
    (191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191),
    (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0),
)  # fmt: skip
_RAMP = tuple((round(255 * step / 11),) * 3 for step in range(12))

PATCHES: Values = np.array([*_CHECKER, *_BARS, *_RAMP]) / 255
"""Red, green and blue from 0 to 1 as BT.709 numbers: a ColorChecker, colour bars, a ramp of greys."""
GREYS = slice(len(PATCHES) - len(_RAMP), len(PATCHES))

_COLUMNS, _SIDE = 8, 24
SIZE = (_COLUMNS * _SIDE, len(PATCHES) // _COLUMNS * _SIDE)
"""Width and height of the chart, in pixels."""

_BT709 = colour.RGB_COLOURSPACES["ITU-R BT.709"]
_REFERENCE_WHITE_NITS = 203
_WEIGHTS = {
    "bt709": colour.WEIGHTS_YCBCR["ITU-R BT.709"],
    "smpte170m": colour.WEIGHTS_YCBCR["ITU-R BT.601"],
    "bt470bg": colour.WEIGHTS_YCBCR["ITU-R BT.601"],
    "bt2020nc": colour.WEIGHTS_YCBCR["ITU-R BT.2020"],
}
_PRIMARIES = {
    "bt709": _BT709,
    "smpte170m": colour.RGB_COLOURSPACES["SMPTE C"],
    "bt470bg": colour.RGB_COLOURSPACES["ITU-R BT.470 - 625"],
    "smpte432": colour.RGB_COLOURSPACES["P3-D65"],
    "bt2020": colour.RGB_COLOURSPACES["ITU-R BT.2020"],
}


def _hlg(nits: Values) -> Values:
    # The library divides by the light, so black is a trace of it.
    with np.errstate(invalid="ignore"):
        return np.asarray(colour.models.eotf_inverse_BT2100_HLG(nits.clip(1e-6, None), L_B=0, L_W=1000))


def _pq(nits: Values) -> Values:
    return np.asarray(colour.models.eotf_inverse_BT2100_PQ(nits))


_FROM_NITS: dict[str, Callable[[Values], Values]] = {"smpte2084": _pq, "arib-std-b67": _hlg}


@dataclass(frozen=True)
class Coding:
    """How the chart is coded, in FFmpeg's names, and which of it the file says.

    `said` is "everywhere", in the "bitstream" alone, in the "container" alone, or "nowhere".
    """

    pixel_format: str = "yuv420p"
    matrix: str = "bt709"
    primaries: str = "bt709"
    transfer: str = "bt709"
    full_range: bool = False
    said: Literal["everywhere", "bitstream", "container", "nowhere"] = "everywhere"
    encoder: tuple[str, ...] = ("libx264", "-preset", "ultrafast", "-crf", "2")
    size: tuple[int, int] = SIZE

    @property
    def bits(self) -> int:
        return 10 if "10" in self.pixel_format else 8


def hevc(*parameters: str) -> tuple[str, ...]:
    return (
        "libx265",
        "-preset",
        "ultrafast",
        "-crf",
        "2",
        "-x265-params",
        ":".join(["log-level=0", *parameters]),
    )


def write_chart(coding: Coding, path: Path, ffmpeg: str) -> Path:
    """Five frames of the chart in a file."""
    tags = [] if coding.said in ("nowhere", "container") else [_declaration(coding)]
    width, height = coding.size
    command = [ffmpeg, "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", coding.pixel_format]
    command += ["-s", f"{width}x{height}", "-r", "25", "-i", "pipe:", "-c:v", *coding.encoder]
    command += ["-vf", ",".join([*tags, f"format={coding.pixel_format}"])]
    command += ["-movflags", "-write_colr"] if coding.said != "everywhere" else []
    subprocess.run([*command, str(path)], input=_frame(coding) * 5, check=True, timeout=60)
    if coding.said == "container":
        bare = path.rename(path.with_stem(f"{path.stem}_bare"))
        command = [ffmpeg, "-v", "error", "-y", "-i", str(bare), "-c", "copy", "-movflags", "+write_colr"]
        command += ["-color_primaries", coding.primaries, "-color_trc", coding.transfer]
        subprocess.run([*command, "-colorspace", coding.matrix, str(path)], check=True, timeout=60)
    return path


def _declaration(coding: Coding) -> str:
    said = f"setparams=color_primaries={coding.primaries}:color_trc={coding.transfer}"
    if coding.pixel_format.startswith("yuv"):
        said += f":colorspace={coding.matrix}:range={'full' if coding.full_range else 'limited'}"
    return said


def _frame(coding: Coding) -> bytes:
    numbers = _laid_out(_coded(coding), coding.size)
    if coding.pixel_format == "rgb24":
        return np.round(numbers * 255).astype(np.uint8).tobytes()
    planes: Values = np.asarray(
        colour.RGB_to_YCbCr(
            numbers,
            K=_WEIGHTS[coding.matrix],
            in_bits=coding.bits,
            out_bits=coding.bits,
            out_legal=not coding.full_range,
            out_int=True,
        )
    )
    narrower, lower = {"420": (2, 2), "422": (2, 1), "444": (1, 1)}[coding.pixel_format[3:6]]
    kind = np.uint8 if coding.bits == 8 else np.dtype("<u2")
    luma, chroma = planes[..., 0], planes[::lower, ::narrower, 1:]
    return b"".join(plane.astype(kind).tobytes() for plane in (luma, chroma[..., 0], chroma[..., 1]))


def _coded(coding: Coding) -> Values:
    """The numbers of the patches in the primaries and the transfer of the coding, from 0 to 1."""
    # Read as a display shows them: Rec. ITU-R BT.1886.
    light = np.asarray(
        colour.RGB_to_RGB(
            PATCHES**2.4, _BT709, _PRIMARIES[coding.primaries], chromatic_adaptation_transform=None
        )
    ).clip(0, None)
    from_nits = _FROM_NITS.get(coding.transfer)
    return (light ** (1 / 2.4)).clip(0, 1) if from_nits is None else from_nits(light * _REFERENCE_WHITE_NITS)


def _laid_out(patches: Values, size: tuple[int, int]) -> Values:
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    row, column = rows * (len(patches) // _COLUMNS) // size[1], columns * _COLUMNS // size[0]
    return patches[row * _COLUMNS + column]


def shown(path: Path) -> Values:
    """The patches as a player shows an 8-bit BT.709 file: red, green and blue from 0 to 1."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        assert frame.format.name == "yuv420p"
        planes = frame.to_ndarray().astype(float)
    width, height = frame.width, frame.height
    luma = _means(planes[:height], width, height)
    blue, red = (
        _means(plane.reshape(height // 2, width // 2), width // 2, height // 2)
        for plane in np.split(planes[height:], 2)
    )
    return np.asarray(
        colour.YCbCr_to_RGB(
            np.stack([luma, blue, red], axis=-1), K=_WEIGHTS["bt709"], in_bits=8, in_legal=True, in_int=True
        )
    ).clip(0, 1)


def _means(plane: NDArray[Any], width: int, height: int) -> Values:
    """The mean of the middle of each patch."""
    rows = len(PATCHES) // _COLUMNS
    across, down = width / _COLUMNS, height / rows
    return np.array(
        [
            plane[
                round((row + 0.3) * down) : round((row + 0.7) * down),
                round((column + 0.3) * across) : round((column + 0.7) * across),
            ].mean()
            for row in range(rows)
            for column in range(_COLUMNS)
        ]
    )


def differences(seen: Values) -> Values:
    """CIEDE2000 of each patch from its truth; 1 is about what an eye can tell apart."""
    return np.asarray(colour.delta_E(_lab(PATCHES), _lab(seen), method="CIE 2000"))


def _lab(numbers: Values) -> Values:
    return np.asarray(colour.XYZ_to_Lab(colour.RGB_to_XYZ(numbers**2.4, _BT709), _BT709.whitepoint))
