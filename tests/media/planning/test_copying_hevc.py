"""Whether a picture in HEVC may be copied: where titles get such a set, and its bitstream is fit for it."""

import subprocess
from pathlib import Path

import pytest

from nightreel.media.planning.copying import CopyLimits
from nightreel.media.programs.binaries import Binaries
from tests.media.clips import Clip, remuxed
from tests.media.conftest import MakeClip
from tests.media.h264 import judged
from tests.media.hevc import ALL_SETS, PQ, hevc_film

_HDR = hevc_film(*PQ, pixels="yuv420p10le")
_MARKED = "marked as places to begin with, but no true keyframes (IDR)"


def _changed(metadata: str) -> Clip:
    """With other words in its parameter sets."""
    return hevc_film(after=("-bsf:v", f"hevc_metadata={metadata}"))


@pytest.mark.parametrize(
    "clip",
    [hevc_film(), hevc_film("repeat-headers=1"), hevc_film("bframes=0"), _HDR],
    ids=["closed GOPs", "the same parameter sets at each keyframe", "no reordering", "HDR10"],
)
def test_a_picture_with_closed_gops_may_be_copied_and_cut_at_its_keyframes(
    make_clip: MakeClip, binaries: Binaries, clip: Clip
) -> None:
    verdict = judged(make_clip(clip), binaries, ALL_SETS)
    assert verdict.reasons == ()
    assert verdict.keyframes == (0, 25, 50)


@pytest.mark.parametrize(
    ("clip", "reasons"),
    [
        (hevc_film("open-gop=1"), [_MARKED, "(open GOP)"]),
        (hevc_film("open-gop=1", "bframes=0"), [_MARKED]),
        (hevc_film("radl=2"), ["decoded after a keyframe but shown before it (RADL)"]),
        (hevc_film("level-idc=4", "vbv-maxrate=20000", "vbv-bufsize=20000"), ["its tier is High"]),
        (_changed("level=5.2"), ["its level is 5.2"]),
        (_changed("crop_left=2"), ["columns at its left are not to be shown"]),
        (_changed("crop_bottom=50"), ["its 96×14 pixels are too few for HEVC"]),
        (hevc_film("display-window=2,2,2,2"), ["a default display window"]),
        (hevc_film(pixels="yuv422p"), ["its pixels are yuv422p, not 8-bit", "one of the range extensions"]),
        (
            hevc_film(pixels="yuv420p10le"),
            ["its pixels are yuv420p10le, not 8-bit", "its profile is Main 10"],
        ),
        (hevc_film(*PQ), ["its pixels are yuv420p, not 10-bit 4:2:0"]),
    ],
    ids=[
        *("open GOP", "CRA", "RADL", "High tier", "level", "cropped at the left", "small", "display window"),
        *("4:2:2", "10 bits in SDR", "8 bits in HDR"),
    ],
)
def test_a_picture_that_players_cannot_be_given_names_its_reasons(
    make_clip: MakeClip, binaries: Binaries, clip: Clip, reasons: list[str]
) -> None:
    verdict = judged(make_clip(clip), binaries, ALL_SETS)
    assert not verdict.may
    assert len(verdict.reasons) == len(reasons)
    for reason, sentence in zip(reasons, verdict.reasons, strict=True):
        assert reason in sentence


@pytest.mark.parametrize(
    ("clip", "limits", "reason"),
    [
        (
            hevc_film(),
            CopyLimits(hdr=True),
            "it is HEVC, which is copied only if NIGHTREEL_CODECS names hevc",
        ),
        (
            _HDR,
            CopyLimits(codecs=("h264", "hevc")),
            "it is HDR (PQ), which is copied only with NIGHTREEL_HDR=true",
        ),
    ],
    ids=["SDR", "HDR"],
)
def test_where_titles_get_no_such_set_that_is_the_only_reason(
    make_clip: MakeClip, binaries: Binaries, clip: Clip, limits: CopyLimits, reason: str
) -> None:
    assert judged(make_clip(clip), binaries, limits).reasons == (f"Its picture is not copied: {reason}.",)


def test_hdr_that_only_the_container_tells_of_is_a_reason(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    unsaid = ("-bsf:v", "hevc_metadata=colour_primaries=2:transfer_characteristics=2:matrix_coefficients=2")
    told = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
    path = remuxed(make_clip(_HDR), tmp_path / "film.mkv", binaries.ffmpeg, after=(*unsaid, *told))
    reasons = judged(path, binaries, ALL_SETS).reasons
    assert any("its parameter sets do not say that it is HDR in BT.2020 (PQ)" in each for each in reasons)


@pytest.mark.parametrize("unit", [b"\x7c\x01", b"\x02\x09"], ids=["Dolby Vision", "a second layer"])
def test_another_layer_is_a_reason(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, unit: bytes
) -> None:
    stream = tmp_path / "film.hevc"
    remuxed(make_clip(hevc_film()), stream, binaries.ffmpeg)
    stream.write_bytes(stream.read_bytes() + b"\0\0\0\1" + unit + b"layer")
    path = tmp_path / "film.mp4"
    command = [binaries.ffmpeg, "-v", "fatal", "-framerate", "25", "-i", str(stream), "-c", "copy", str(path)]
    subprocess.run(command, check=True, timeout=60)
    reasons = judged(path, binaries, ALL_SETS).reasons
    assert any("is coded in more than one layer" in each for each in reasons), reasons
