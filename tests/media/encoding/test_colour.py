import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from nightreel.media.encoding.colour import colour_tags
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.planning.plan import Plan, PlanOptions
from nightreel.media.programs.binaries import Binaries
from tests.media import charts
from tests.media.charts import Coding, hevc
from tests.media.clips import remuxed
from tests.media.encoded import encode_best, small_plan

_OWN_SIZE = Ladder(rungs=(Rung(height=144, video_bps=3_000_000, audio_bps=64_000, preset="ultrafast"),))
_HDR = Coding(pixel_format="yuv420p10le", matrix="bt2020nc", primaries="bt2020", encoder=hevc())
_PQ = replace(_HDR, transfer="smpte2084")
_HLG = replace(_HDR, transfer="arib-std-b67")

Convert = Callable[[Coding], tuple[Plan, Path]]


@pytest.fixture(scope="module")
def convert(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """The plan of a chart, and its SDR rendition."""
    folder = tmp_path_factory.mktemp("charts")
    made: dict[Coding, tuple[Plan, Path]] = {}

    def one(coding: Coding) -> tuple[Plan, Path]:
        if coding not in made:
            source = charts.write_chart(coding, folder / f"source_{len(made)}.mp4", binaries.ffmpeg)
            output = folder / f"output_{len(made)}.mp4"
            made[coding] = encode_best(source, output, binaries, _OWN_SIZE), output
        return made[coding]

    return one


def _described(path: Path, ffprobe: str) -> dict[str, Any]:
    command = [ffprobe, "-v", "error", "-of", "json", "-show_streams", "-show_frames"]
    command += ["-read_intervals", "%+#1", "-select_streams", "v", str(path)]
    answer = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout
    described: dict[str, Any] = json.loads(answer)
    return described


_SDR_CODINGS = {
    "BT.709": Coding(),
    "full range": Coding(full_range=True),
    "BT.601 of 525 lines": Coding(matrix="smpte170m", primaries="smpte170m", transfer="smpte170m"),
    "BT.601 of 625 lines": Coding(matrix="bt470bg", primaries="bt470bg", transfer="smpte170m"),
    "full range BT.601, as phones write": Coding(matrix="smpte170m", full_range=True),
    "small and untagged": Coding(matrix="smpte170m", said="nowhere"),
    "10 bits": Coding(pixel_format="yuv420p10le"),
    "4:2:2": Coding(pixel_format="yuv422p"),
    "4:2:2 in 10 bits": Coding(pixel_format="yuv422p10le"),
    "4:4:4": Coding(pixel_format="yuv444p"),
    "RGB": Coding(pixel_format="rgb24", encoder=("libx264rgb", "-qp", "2", "-preset", "ultrafast")),
    "BT.2020": Coding(
        pixel_format="yuv420p10le", matrix="bt2020nc", primaries="bt2020", transfer="bt2020-10"
    ),
    "P3": Coding(primaries="smpte432"),
}


@pytest.mark.parametrize("coding", _SDR_CODINGS.values(), ids=_SDR_CODINGS)
def test_colours_look_the_same_however_they_were_coded(convert: Convert, coding: Coding) -> None:
    plan, output = convert(coding)
    assert charts.differences(charts.shown(output)).mean() < 0.6
    wide = coding.primaries in ("bt2020", "smpte432")
    assert sum("as vivid as ordinary video can" in said for said in plan.warnings) == wide
    finer = coding.pixel_format != "yuv420p"
    assert sum("colours are finer" in said for said in plan.warnings) == finer


def test_a_large_picture_that_says_nothing_is_taken_as_bt709(convert: Convert) -> None:
    _, output = convert(Coding(said="nowhere", size=(1280, 720)))
    assert charts.differences(charts.shown(output)).mean() < 1.5


@pytest.mark.parametrize("said", ["everywhere", "bitstream", "container"])
@pytest.mark.parametrize(("coding", "limit"), [(_PQ, 1.2), (_HLG, 2.4)], ids=["PQ", "HLG"])
def test_hdr_looks_like_the_sdr_that_it_was_made_from(
    convert: Convert, coding: Coding, limit: float, said: str
) -> None:
    # A curve that dims everything to make room for highlights is off by 7 to 14 on this chart.
    plan, output = convert(replace(coding, said=said))  # type: ignore[arg-type]
    assert charts.differences(charts.shown(output)).mean() < limit
    (told,) = plan.warnings
    assert told.startswith(f"The picture is HDR ({plan.colour.dynamic_range.upper()}), and is shown in SDR.")


@pytest.mark.parametrize("coding", [_PQ, _HLG], ids=["PQ", "HLG"])
def test_greys_of_hdr_stay_grey_and_keep_their_level_up_to_the_highlights(
    convert: Convert, coding: Coding
) -> None:
    greys = charts.shown(convert(coding)[1])[charts.GREYS]
    truth = charts.PATCHES[charts.GREYS].mean(axis=1)
    assert np.ptp(greys, axis=1).max() < 0.02
    assert np.abs(greys.mean(axis=1) - truth)[truth < 0.75].max() < 0.01
    assert np.all(np.diff(greys.mean(axis=1)) > 0.02)
    # White leaves room above it, but is no grey.
    assert 0.85 < greys.mean(axis=1)[-1] < 0.95


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_hlg_that_old_receivers_take_for_sdr_is_hlg(binaries: Binaries, tmp_path: Path, suffix: str) -> None:
    """Of DVB: the track says BT.2020 in SDR, a message beside each picture says HLG."""
    said = replace(_HLG, encoder=hevc("atc-sei=18"))
    hlg = charts.write_chart(said, tmp_path / "said.mp4", binaries.ffmpeg)
    in_sdr = ("-bsf:v", "hevc_metadata=transfer_characteristics=14", "-color_trc", "bt2020-10")
    source = remuxed(hlg, tmp_path / f"source{suffix}", binaries.ffmpeg, after=in_sdr)
    assert _described(source, binaries.ffprobe)["streams"][0]["color_transfer"] == "bt2020-10"
    output = tmp_path / "output.mp4"
    plan = encode_best(source, output, binaries, _OWN_SIZE)
    assert plan.colour.transfer == "arib-std-b67"
    assert charts.differences(charts.shown(output)).mean() < 2.4
    assert ["HDR (HLG)" in said for said in plan.warnings] == [True]


def test_brightness_that_only_the_grading_display_tells_is_taken_as_pq_and_the_owner_is_told(
    binaries: Binaries, tmp_path: Path
) -> None:
    display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
    graded = replace(_PQ, said="nowhere", encoder=hevc(f"master-display={display}"))
    source = charts.write_chart(graded, tmp_path / "untagged.mp4", binaries.ffmpeg)
    plan = small_plan(source, binaries, ladder=_OWN_SIZE)
    assert (plan.colour.transfer, plan.colour.matrix) == ("smpte2084", "bt2020nc")
    assert "taken as HDR10" in plan.warnings[0]


@pytest.mark.parametrize("coding", [*_SDR_CODINGS.values(), _PQ, _HLG])
def test_every_output_says_that_it_is_bt709_in_limited_range(
    convert: Convert, binaries: Binaries, coding: Coding
) -> None:
    described = _described(convert(coding)[1], binaries.ffprobe)
    for told in (*described["streams"], *described["frames"]):
        assert told["pix_fmt"] == "yuv420p"
        assert told["color_range"] == "tv"
        assert [told[name] for name in ("color_primaries", "color_transfer", "color_space")] == ["bt709"] * 3


def test_nothing_of_the_display_that_hdr_was_graded_on_is_left_in_sdr(
    convert: Convert, binaries: Binaries
) -> None:
    light = hevc("max-cll=1000,400", "hdr10=1")
    described = _described(convert(replace(_PQ, encoder=light))[1], binaries.ffprobe)
    kinds = {side["side_data_type"] for side in described["frames"][0].get("side_data_list", [])}
    assert not {kind for kind in kinds if "light" in kind.lower() or "display" in kind.lower()}


@pytest.mark.parametrize(("coding", "transfer"), [(_PQ, "smpte2084"), (_HLG, "arib-std-b67")])
def test_the_hdr_set_keeps_ten_bits_and_the_range_of_the_source(
    binaries: Binaries, tmp_path: Path, coding: Coding, transfer: str
) -> None:
    source = charts.write_chart(coding, tmp_path / "source.mp4", binaries.ffmpeg)
    output = tmp_path / "output.mp4"
    assert encode_best(source, output, binaries, _OWN_SIZE, PlanOptions(hdr=True)).warnings == ()
    (told,) = _described(output, binaries.ffprobe)["streams"]
    assert (told["pix_fmt"], told["color_range"]) == ("yuv420p10le", "tv")
    assert (told["color_primaries"], told["color_transfer"], told["color_space"]) == (
        "bt2020",
        transfer,
        "bt2020nc",
    )
    before, after = (_ten_bit_luma(path) for path in (source, output))
    assert np.abs(before - after).mean() < 3


def _ten_bit_luma(path: Path) -> charts.Values:
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        return frame.to_ndarray()[: frame.height].astype(float)


def test_the_tags_of_an_output_follow_its_range() -> None:
    assert colour_tags("sdr") == dict.fromkeys(("color_primaries", "color_trc", "colorspace"), "bt709") | {
        "color_range": "tv"
    }
    assert colour_tags("pq")["color_trc"] == "smpte2084"
    assert colour_tags("hlg")["color_trc"] == "arib-std-b67"
