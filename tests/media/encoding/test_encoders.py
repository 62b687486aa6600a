"""What the encoders in software make of a title, measured."""

import re
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import get_args

import av
import pytest

from nightreel.media.encoding.encoders import software
from nightreel.media.encoding.transcode import encode_command
from nightreel.media.planning.plan import PlanOptions
from nightreel.media.programs import process
from nightreel.media.programs.binaries import Binaries
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import Preset, VideoCodec
from tests.media import measure
from tests.media.clips import Clip
from tests.media.conftest import MakeClip
from tests.media.encoded import TIMEOUT_SECONDS, Encoded, encode_all, job_for, small_plan

CODECS: tuple[VideoCodec, ...] = get_args(VideoCodec)
PRESETS: tuple[Preset, ...] = get_args(Preset)
# Cuts at odd moments, where an encoder would like to put keyframes of its own.
CUTS = "testsrc2=size=192x108:rate={rate},negate=enable='gt(mod(t,0.7),0.35)'"


def rendition(codec: VideoCodec, preset: Preset) -> VideoRendition:
    return VideoRendition(
        name="360p",
        codec=codec,
        width=640,
        height=360,
        video_bps=800_000,
        maxrate_bps=880_000,
        preset=preset,
    )


@pytest.fixture(scope="module", params=[0.5, 2.0], ids=["half a second", "two seconds"])
def sets(
    request: pytest.FixtureRequest,
    make_clip: MakeClip,
    binaries: Binaries,
    tmp_path_factory: pytest.TempPathFactory,
) -> Encoded:
    """Three seconds in all codecs, with keyframes that far apart."""
    clip = make_clip(Clip(picture=CUTS.format(rate="30000/1001"), seconds=3.1))
    options = PlanOptions(codecs=CODECS, keyframe_seconds=request.param, segment_seconds=2.0)
    return encode_all(clip, tmp_path_factory.mktemp("sets"), binaries, options)


def _files(encoded: Encoded, *, smallest: bool = True) -> Iterator[tuple[VideoRendition, Path]]:
    for item in encoded.plan.video:
        if smallest or item.height == 108:
            yield item, encoded.files[item.name]


# --- software ---


@pytest.mark.rule("1.1", "1.13")
def test_every_codec_has_exactly_the_frames_of_the_plan_on_one_grid(sets: Encoded) -> None:
    plan = sets.plan
    assert [item.name for item in plan.video] == [
        f"{prefix}{height}p" for prefix in ("", "hevc_", "av1_") for height in (54, 108)
    ]
    for _, path in _files(sets):
        made = measure.picture(path)
        assert made.times == tuple(position / plan.frame_rate for position in range(plan.frames))
        assert made.keyframes == tuple(range(0, plan.frames, plan.gop_frames))


def test_no_picture_is_decoded_after_a_keyframe_and_shown_before_it(sets: Encoded) -> None:
    for _, path in _files(sets):
        latest = -1
        with av.open(str(path)) as container:
            for packet in container.demux(video=0):
                if packet.size:
                    assert packet.pts is not None
                    assert packet.pts >= latest
                    latest = packet.pts if packet.is_keyframe else latest


def test_the_first_frame_is_shown_at_0_without_the_help_of_an_edit_list(sets: Encoded) -> None:
    for _, path in _files(sets):
        with av.open(str(path), options={"ignore_editlist": "1"}) as container:
            assert min(packet.pts for packet in container.demux(video=0) if packet.pts is not None) == 0


@pytest.mark.rule("1.3", "1.4", "1.6", "1.10")
def test_every_codec_is_8_bits_in_its_common_profile_and_its_sample_entry_has_the_headers(
    sets: Encoded,
) -> None:
    expected = {"h264": ("avc1", "High"), "hevc": ("hvc1", "Main"), "av1": ("av01", "Main")}
    for made, path in _files(sets, smallest=False):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            profile = "High" if stream.profile == "Constrained Baseline" else stream.profile
            assert (stream.codec_context.codec_tag, profile) == expected[made.codec]
            assert stream.pix_fmt == "yuv420p"
            assert stream.codec_context.extradata


@pytest.mark.rule("1.11", "1.37")
def test_no_level_is_higher_than_the_size_and_the_rate_need(sets: Encoded, binaries: Binaries) -> None:
    # 192×108 at 30 fps: H.264 level 1.1 (table A-1), HEVC level 2 (table A.8), AV1 level 2.0 (A.3).
    needed = {"h264": 11, "hevc": 60, "av1": 0}
    for made, path in _files(sets, smallest=False):
        command = [
            binaries.ffprobe,
            "-v",
            "error",
            "-of",
            "csv=p=0",
            "-show_entries",
            "stream=level",
            str(path),
        ]
        level = subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        assert int(level.stdout) == needed[made.codec]


@pytest.mark.rule("1.21")
def test_sdr_is_named_bt_709_in_every_codec(sets: Encoded) -> None:
    for _, path in _files(sets):
        with av.open(str(path)) as container:
            context = container.streams.video[0].codec_context
            # 1 is BT.709 in all three, and limited range (ITU-T H.273).
            assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
            assert context.color_range == 1


@pytest.mark.rule("1.30")
def test_noise_after_a_still_picture_keeps_to_the_cap_in_every_codec(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    # What is saved on the still picture must not be spent in one segment of the noise.
    noise = (
        "testsrc2=size=192x108:rate=25,noise=alls=70:allf=t:enable='gte(t,4)',drawbox=t=fill:enable='lt(t,4)'"
    )
    source = make_clip(Clip(picture=noise, seconds=8))
    encoded = encode_all(source, tmp_path, binaries, PlanOptions(codecs=CODECS))
    for made, path in _files(encoded, smallest=False):
        with av.open(str(path)) as container:
            bits = 8 * sum(p.size for p in container.demux(video=0) if p.size and p.pts * p.time_base >= 4)
        assert bits <= 1.1 * (4 * made.maxrate_bps + made.buffer_bits)


@pytest.mark.parametrize("codec", CODECS)
def test_a_title_of_one_frame_is_one_frame(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, codec: VideoCodec
) -> None:
    encoded = encode_all(
        make_clip(Clip(seconds=0.04)), tmp_path, binaries, PlanOptions(codecs=("h264", codec))
    )
    assert {len(measure.picture(path).times) for path in encoded.pictures} == {1}


@pytest.mark.parametrize("codec", CODECS)
def test_an_encode_without_a_fault_says_nothing(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, codec: VideoCodec
) -> None:
    source = make_clip(Clip(seconds=0.4))
    plan = small_plan(source, binaries, PlanOptions(codecs=("h264", codec)))
    name = plan.video[-1].name
    assert plan.video[-1].codec == codec
    outputs = {name: tmp_path / "made.mp4"}
    command = encode_command(job_for(plan, name), plan, source, outputs, binaries.ffmpeg)
    sandbox = Sandbox(reads=(source,), writes=(tmp_path,))
    assert process.run(command, timeout_seconds=TIMEOUT_SECONDS, sandbox=sandbox) == ""


@pytest.mark.parametrize("codec", CODECS)
def test_every_preset_of_the_ladder_is_one_of_the_encoder(codec: VideoCodec) -> None:
    chosen = [software.coding(rendition(codec, preset))["preset"] for preset in PRESETS]
    if codec == "av1":
        # SVT-AV1 counts: the higher, the faster.
        assert chosen == sorted(chosen, reverse=True)
        assert len(set(chosen)) == len(chosen)
    else:
        assert chosen == list(PRESETS)


@pytest.mark.parametrize(("transfer", "number"), [("smpte2084", 16), ("arib-std-b67", 18)])
@pytest.mark.rule("1.7")
def test_the_hdr_set_is_main_10_and_says_what_its_numbers_mean(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, transfer: str, number: int
) -> None:
    encoded = encode_all(make_clip(_hdr(transfer)), tmp_path, binaries, PlanOptions(hdr=True))
    assert [item.name for item in encoded.plan.video] == ["54p", "108p", "hdr_54p", "hdr_108p"]
    for path in encoded.pictures[2:]:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            assert (context.codec_tag, stream.profile, stream.pix_fmt) == ("hvc1", "Main 10", "yuv420p10le")
            # 9 is BT.2020 (ITU-T H.273).
            assert (context.color_primaries, context.color_trc, context.colorspace) == (9, number, 9)
        made = measure.picture(path)
        assert made.keyframes == tuple(range(0, encoded.plan.frames, encoded.plan.gop_frames))


def test_the_mastering_display_and_the_light_levels_are_kept_in_hdr_and_dropped_in_sdr(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    display = "G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50)"
    mastered = ("-c:v", "libx265", "-x265-params", f"log-level=none:master-display={display}:max-cll=800,300")
    clip = _hdr("smpte2084", *mastered, "-tag:v", "hvc1")
    encoded = encode_all(make_clip(clip), tmp_path, binaries, PlanOptions(hdr=True))
    told = {item.name: _hdr_metadata(encoded.files[item.name], binaries) for item in encoded.plan.video}
    assert "max_luminance=10000000/10000" in told["hdr_108p"]
    assert "red_x=35400/50000" in told["hdr_108p"]
    assert "max_content=800" in told["hdr_108p"]
    assert "max_average=300" in told["hdr_108p"]
    assert not re.search("luminance|max_content", told["108p"])


def _hdr(transfer: str, *after: str) -> Clip:
    colours = f"setparams=color_trc={transfer}:color_primaries=bt2020:colorspace=bt2020nc"
    return Clip(
        seconds=0.4, filters=f"format=yuv420p10le,{colours}", after=("-pix_fmt", "yuv420p10le", *after)
    )


def _hdr_metadata(path: Path, binaries: Binaries) -> str:
    command = [binaries.ffprobe, "-v", "error", "-select_streams", "v:0", "-read_intervals", "%+#1"]
    command += ["-show_frames", "-show_streams", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


def test_the_timescale_counts_every_frame_in_whole_ticks(sets: Encoded) -> None:
    for _, path in _files(sets):
        with av.open(str(path)) as container:
            time_base = container.streams.video[0].time_base
        assert (1 / sets.plan.frame_rate) % Fraction(time_base or 1) == 0
