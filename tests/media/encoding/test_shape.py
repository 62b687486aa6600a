import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.boxes import box, with_box_in_sample_entry
from corpus.dolby_vision import write_bare_profile_5
from nightreel.errors import SourceRejected
from nightreel.media.inspection.probe import probe
from nightreel.media.inspection.probe_picture import video_stream
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.clips import Clip, remuxed
from tests.media.conftest import MakeClip
from tests.media.encoded import encode_best
from tests.media.planning.test_ladder import SHIPPED
from tests.media.sources import source as described_source

# Four corners, each in a colour of its own, so that any turn or flip shows.
_CORNERS = (
    "color=red:size=192x108:rate=25,"
    "drawbox=x=96:y=0:w=96:h=54:c=lime:t=fill,"
    "drawbox=x=0:y=54:w=96:h=54:c=blue:t=fill,"
    "drawbox=x=96:y=54:w=96:h=54:c=white:t=fill"
)
_UPRIGHT = Clip(picture=_CORNERS, seconds=0.2)
_TOP = Ladder(rungs=(Rung(height=2160, video_bps=500_000, audio_bps=64_000, preset="ultrafast"),))
_PALETTE = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
_LAYOUT = np.array([["red", "lime"], ["blue", "white"]])


def _corners(picture: NDArray[np.uint8]) -> list[list[str]]:
    height, width, _ = picture.shape

    def name(row: int, column: int) -> str:
        pixel = picture[height * (1 + 2 * row) // 4, width * (1 + 2 * column) // 4].astype(int)
        return min(_PALETTE, key=lambda colour: int(np.abs(pixel - _PALETTE[colour]).sum()))

    return [[name(row, column) for column in (0, 1)] for row in (0, 1)]


def _as_the_matrix_says(path: Path) -> list[list[str]]:
    """The corners as ISO/IEC 14496-12, 8.3.2 moves them, by PyAV's reading of the matrix."""
    with av.open(str(path)) as container:
        side_data: Any = next(container.decode(video=0)).side_data.get("DISPLAYMATRIX")
        a, b, _, c, d, *_ = struct.unpack("9i", bytes(side_data)) if side_data else (1, 0, 0, 0, 1)
    moved = {}
    for row, y in ((0, -1), (1, 1)):
        for column, x in ((0, -1), (1, 1)):
            moved[int(np.sign(b * x + d * y)), int(np.sign(a * x + c * y))] = str(_LAYOUT[row, column])
    return [[moved[y, x] for x in (-1, 1)] for y in (-1, 1)]


@pytest.mark.parametrize("flips", [(), ("-display_hflip",), ("-display_vflip",)], ids=["", "hflip", "vflip"])
@pytest.mark.parametrize("angle", ["0", "90", "180", "270"])
def test_every_turn_and_flip_is_applied_and_gone(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, angle: str, flips: tuple[str, ...]
) -> None:
    source = remuxed(
        make_clip(_UPRIGHT),
        tmp_path / "turned.mp4",
        binaries.ffmpeg,
        before=("-display_rotation", angle, *flips),
    )
    output = tmp_path / "output.mp4"
    plan = encode_best(source, output, binaries, _TOP)
    video = probe(source, binaries.ffprobe).video
    made = measure.picture(output)
    assert video.mirrored == bool(flips)
    assert made.size == (plan.video[0].width, plan.video[0].height) == video.display_size
    assert made.size == ((108, 192) if angle in ("90", "270") else (192, 108))
    assert _corners(made.first) == _as_the_matrix_says(source)
    assert _as_the_matrix_says(output) == _LAYOUT.tolist()


def test_a_picture_that_lies_askew_keeps_its_size(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    source = remuxed(
        make_clip(_UPRIGHT), tmp_path / "askew.mp4", binaries.ffmpeg, before=("-display_rotation", "60")
    )
    encode_best(source, tmp_path / "output.mp4", binaries, _TOP)
    assert measure.picture(tmp_path / "output.mp4").size == (192, 108)


@pytest.mark.parametrize(
    ("ratio", "size"),
    [("2/1", (384, 108)), ("1/2", (96, 108)), ("64/45", (272, 108)), ("1280/1281", (192, 108))],
)
def test_pixels_become_square_without_a_line_less(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, ratio: str, size: tuple[int, int]
) -> None:
    source = make_clip(Clip(picture=_CORNERS, seconds=0.2, filters=f"setsar={ratio}"))
    output = tmp_path / "output.mp4"
    encode_best(source, output, binaries, _TOP)
    made = measure.picture(output)
    assert (made.size, made.pixel_shape) == (size, 1)
    assert _corners(made.first) == _LAYOUT.tolist()


def test_pixels_that_are_not_square_are_turned_with_the_picture(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    wide = make_clip(Clip(picture=_CORNERS, seconds=0.2, filters="setsar=2/1"))
    source = remuxed(wide, tmp_path / "turned.mp4", binaries.ffmpeg, before=("-display_rotation", "-90"))
    output = tmp_path / "output.mp4"
    encode_best(source, output, binaries, _TOP)
    assert measure.picture(output).size == (108, 384)
    assert _corners(measure.picture(output).first) == [["blue", "red"], ["white", "lime"]]


@pytest.mark.parametrize(
    ("size", "made"),
    [((351, 287), (350, 286)), ((16, 16), (16, 16)), ((3, 201), (2, 134)), ((18, 2), (18, 2))],
)
def test_odd_and_tiny_pictures_are_cut_to_even_sizes(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, size: tuple[int, int], made: tuple[int, int]
) -> None:
    clip = Clip(
        picture=f"color=red:size={size[0]}x{size[1]}:rate=25,format=yuv444p",
        seconds=0.2,
        after=("-pix_fmt", "yuv444p"),
    )
    output = tmp_path / "output.mp4"
    plan = encode_best(make_clip(clip), output, binaries, _TOP)
    assert (plan.video[0].width, plan.video[0].height) == measure.picture(output).size == made


def _with_clean_aperture(source: Path, path: Path, width: int, height: int) -> Path:
    """A copy whose sample entry says to show only the middle (`clap`, ISO/IEC 14496-12, 12.1.4)."""
    aperture = box(b"clap", struct.pack(">8i", width, 1, height, 1, 0, 1, 0, 1))
    return with_box_in_sample_entry(source, path, aperture)


_FRAMED = Clip(
    picture=f"{_CORNERS},drawbox=x=0:y=0:w=192:h=108:c=black:t=16",
    seconds=0.2,
)


def test_what_the_container_crops_is_not_shown(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    source = _with_clean_aperture(make_clip(_FRAMED), tmp_path / "clap.mp4", 160, 76)
    output = tmp_path / "output.mp4"
    encode_best(source, output, binaries, _TOP)
    _assert_frame_gone(output)


def test_what_the_codec_crops_is_not_shown(make_clip: MakeClip, binaries: Binaries, tmp_path: Path) -> None:
    # The codec's own four lines, which complete its last row of blocks, are part of it.
    crop = "h264_metadata=crop_left=16:crop_right=16:crop_top=16:crop_bottom=20"
    source = remuxed(make_clip(_FRAMED), tmp_path / "cropped.mp4", binaries.ffmpeg, after=("-bsf:v", crop))
    output = tmp_path / "output.mp4"
    encode_best(source, output, binaries, _TOP)
    _assert_frame_gone(output)


def _assert_frame_gone(output: Path) -> None:
    made = measure.picture(output)
    assert made.size == (160, 76)
    assert _corners(made.first) == _LAYOUT.tolist()
    # No black is left at any edge.
    edges = (made.first[0], made.first[-1], made.first[:, 0], made.first[:, -1])
    assert min(int(edge.max(axis=-1).min()) for edge in edges) > 150


def test_a_cropped_picture_is_cropped_before_it_is_turned(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    cropped = _with_clean_aperture(make_clip(_FRAMED), tmp_path / "clap.mp4", 160, 76)
    # Written by hand: FFmpeg drops the aperture when it copies.
    data = cropped.read_bytes()
    upright = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    clockwise = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 108 << 16, 0, 1 << 30)
    track = data.index(b"tkhd")
    source = tmp_path / "turned.mp4"
    source.write_bytes(data[:track] + data[track:].replace(upright, clockwise, 1))
    output = tmp_path / "output.mp4"
    encode_best(source, output, binaries, _TOP)
    assert measure.picture(output).size == (76, 160)
    assert _corners(measure.picture(output).first) == [["blue", "red"], ["white", "lime"]]


@pytest.mark.parametrize(
    ("size", "top"),
    [((7680, 4320), (3840, 2160)), ((4320, 7680), (2160, 3840)), ((8192, 4320), (4096, 2160))],
)
def test_the_largest_pictures_end_at_2160_lines(size: tuple[int, int], top: tuple[int, int]) -> None:
    best = build_plan(described_source(size), SHIPPED, PlanOptions()).video[-1]
    assert (best.name, best.width, best.height) == ("2160p", *top)


def _stream(**side: object) -> dict[str, Any]:
    return {"index": 0, "codec_name": "hevc", "width": 1920, "height": 1080, "side_data_list": [side]}


@pytest.mark.parametrize(("profile", "compatible"), [(8, 1), (8, 2), (8, 4), (7, 6), (4, 2)])
def test_dolby_vision_is_shown_by_its_base_layer(profile: int, compatible: int) -> None:
    told = _stream(dv_profile=profile, dv_bl_signal_compatibility_id=compatible)
    assert video_stream(told).display_size == (1920, 1080)


def test_dolby_vision_without_a_base_layer_is_refused() -> None:
    with pytest.raises(SourceRejected, match="profile 5, which only a Dolby Vision decoder") as caught:
        video_stream(_stream(dv_profile=5, dv_bl_signal_compatibility_id=0))
    assert caught.value.code == "dolby_vision_only"


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_dolby_vision_is_known_by_its_pictures_where_the_container_lost_its_record(
    binaries: Binaries, tmp_path: Path, suffix: str
) -> None:
    source = write_bare_profile_5(tmp_path / f"bare{suffix}", binaries.ffmpeg)
    with pytest.raises(SourceRejected, match="Dolby Vision profile 5"):
        probe(source, binaries.ffprobe)


def test_the_shape_of_pixels_is_exact() -> None:
    told = {**_stream(), "sample_aspect_ratio": "64:45", "width": 720, "height": 576}
    assert video_stream(told).sample_aspect_ratio == Fraction(64, 45)
    assert video_stream(told).display_size == (1024, 576)
