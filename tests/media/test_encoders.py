"""What every encoder is asked for, and what those in software make of it."""

import re
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import av
import pytest

from nightreel.media import process
from nightreel.media.binaries import Binaries
from nightreel.media.encoders import HARDWARE, Encoder, Hardware, nvenc, qsv, software, vaapi, videotoolbox
from nightreel.media.ladder import Preset
from nightreel.media.plan import Plan, PlanOptions
from nightreel.media.renditions import VideoCodec, VideoRendition
from nightreel.media.transcode import encode_command
from tests.media import measure
from tests.media.clips import Clip
from tests.media.conftest import MakeClip
from tests.media.encoding import TIMEOUT_SECONDS, Encoded, encode_all, small_plan

CODECS: tuple[VideoCodec, ...] = get_args(VideoCodec)
PRESETS: tuple[Preset, ...] = get_args(Preset)
MADE_BY: dict[Hardware, tuple[VideoCodec, ...]] = {
    "nvenc": CODECS,
    "qsv": CODECS,
    "vaapi": CODECS,
    "videotoolbox": ("h264", "hevc"),
}
HARDWARE_CODECS = [(family, codec) for family in HARDWARE for codec in MADE_BY[family]]
CODING = {
    "software": software.coding,
    "nvenc": nvenc.coding,
    "qsv": qsv.coding,
    "vaapi": vaapi.coding,
    "videotoolbox": videotoolbox.coding,
}
# Cuts at odd moments, where an encoder would like to put keyframes of its own.
CUTS = "testsrc2=size=192x108:rate={rate},negate=enable='gt(mod(t,0.7),0.35)'"


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
    for rendition in encoded.plan.video:
        if smallest or rendition.height == 108:
            yield rendition, encoded.files[rendition.name]


# --- software ---


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


def test_every_codec_is_8_bits_in_its_common_profile_and_its_sample_entry_has_the_headers(
    sets: Encoded,
) -> None:
    expected = {"h264": ("avc1", "High"), "hevc": ("hvc1", "Main"), "av1": ("av01", "Main")}
    for rendition, path in _files(sets, smallest=False):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            profile = "High" if stream.profile == "Constrained Baseline" else stream.profile
            assert (stream.codec_context.codec_tag, profile) == expected[rendition.codec]
            assert stream.pix_fmt == "yuv420p"
            assert stream.codec_context.extradata


def test_sdr_is_named_bt_709_in_every_codec(sets: Encoded) -> None:
    for _, path in _files(sets):
        with av.open(str(path)) as container:
            context = container.streams.video[0].codec_context
            # 1 is BT.709 in all three, and limited range (ITU-T H.273).
            assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
            assert context.color_range == 1


def test_noise_stays_below_twice_the_average_rate_in_every_codec(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    noise = Clip(picture="testsrc2=size=192x108:rate=25,noise=alls=70:allf=t", seconds=4)
    encoded = encode_all(make_clip(noise), tmp_path, binaries, PlanOptions(codecs=CODECS))
    for rendition, path in _files(encoded, smallest=False):
        with av.open(str(path)) as container:
            bits = 8 * sum(packet.size for packet in container.demux(video=0))
        assert bits / encoded.plan.duration < 2 * rendition.video_bps


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
    job = plan.jobs[0]
    assert plan.rendition(job.renditions[0]).codec == codec  # type: ignore[union-attr]
    command = encode_command(job, plan, source, {job.renditions[0]: tmp_path / "made.mp4"}, binaries.ffmpeg)
    assert process.run(command, timeout_seconds=TIMEOUT_SECONDS) == ""


@pytest.mark.parametrize("codec", CODECS)
def test_every_preset_of_the_ladder_is_one_of_the_encoder(codec: VideoCodec) -> None:
    chosen = [software.coding(_rendition(codec, preset=preset))["preset"] for preset in PRESETS]
    if codec == "av1":
        # SVT-AV1 counts: the higher, the faster.
        assert chosen == sorted(chosen, reverse=True)
        assert len(set(chosen)) == len(chosen)
    else:
        assert chosen == list(PRESETS)


@pytest.mark.parametrize(("transfer", "number"), [("smpte2084", 16), ("arib-std-b67", 18)])
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


# --- hardware ---


@pytest.fixture(scope="module")
def hardware_plan(make_clip: MakeClip, binaries: Binaries) -> Plan:
    return small_plan(make_clip(Clip()), binaries, PlanOptions(codecs=CODECS))


def _command(plan: Plan, family: Hardware, codec: VideoCodec) -> list[str]:
    job = next(job for job in plan.jobs if job.renditions == (_name(codec),))
    encoder = Encoder(codec=codec, family=family, device="/dev/dri/renderD128")
    outputs = {job.renditions[0]: Path("made.mp4")}
    return encode_command(job, plan, Path("film.mp4"), outputs, "ffmpeg", {job.renditions[0]: encoder})


def _name(codec: VideoCodec) -> str:
    return "108p" if codec == "h264" else f"{codec}_108p"


def _value(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


@pytest.mark.parametrize(("family", "codec"), HARDWARE_CODECS)
def test_hardware_is_asked_for_the_same_picture_at_the_same_capped_rate(
    hardware_plan: Plan, family: Hardware, codec: VideoCodec
) -> None:
    command = _command(hardware_plan, family, codec)
    rendition = hardware_plan.rendition(_name(codec))
    assert isinstance(rendition, VideoRendition)
    assert _value(command, "-c:v") == f"{codec}_{family}"
    assert _value(command, "-b:v") == str(rendition.video_bps)
    assert _value(command, "-maxrate:v") == str(rendition.maxrate_bps)
    assert _value(command, "-bufsize:v") == str(rendition.buffer_bits)
    assert _value(command, "-frames:v") == str(hardware_plan.frames)
    assert _value(command, "-tag:v") == {"h264": "avc1", "hevc": "hvc1", "av1": "av01"}[codec]
    assert _value(command, "-color_trc") == "bt709"
    assert "scale=" in _value(command, "-filter_complex")
    assert "192" in _value(command, "-filter_complex")
    if (family, codec) != ("nvenc", "av1"):
        assert _value(command, "-profile:v") == ("high" if codec == "h264" else "main")


@pytest.mark.parametrize(("family", "codec"), HARDWARE_CODECS)
def test_hardware_is_asked_for_closed_gops_on_the_grid_of_the_plan(
    hardware_plan: Plan, family: Hardware, codec: VideoCodec
) -> None:
    command = _command(hardware_plan, family, codec)
    assert _value(command, "-g") == _value(command, "-keyint_min") == "50"
    assert _value(command, "-force_key_frames:v") == "expr:eq(mod(n,50),0)"
    assert _value(command, "-sc_threshold") == "0"
    assert _value(command, "-flags:v") == "+cgop"


@pytest.mark.parametrize(
    ("family", "options"),
    [
        ("nvenc", {"-forced-idr": "1", "-no-scenecut": "1", "-strict_gop": "1", "-rc": "vbr"}),
        ("qsv", {"-forced_idr": "1", "-adaptive_i": "0", "-adaptive_b": "0"}),
        ("vaapi", {"-rc_mode": "VBR", "-idr_interval": "0"}),
        ("videotoolbox", {"-allow_sw": "0", "-realtime": "0"}),
    ],
)
def test_each_hardware_is_told_in_its_own_words(
    hardware_plan: Plan, family: Hardware, options: dict[str, str]
) -> None:
    for codec in MADE_BY[family]:
        command = _command(hardware_plan, family, codec)
        assert {option: _value(command, option) for option in options} == options


@pytest.mark.parametrize("codec", CODECS)
def test_vaapi_gets_its_pictures_in_the_memory_of_its_device(hardware_plan: Plan, codec: VideoCodec) -> None:
    command = _command(hardware_plan, "vaapi", codec)
    assert _value(command, "-vaapi_device") == "/dev/dri/renderD128"
    assert re.search(r"format=nv12\[\w+\];\[\w+\]hwupload\[\w+\]$", _value(command, "-filter_complex"))


def test_only_vaapi_has_a_device_to_be_opened(hardware_plan: Plan) -> None:
    assert "-vaapi_device" not in _command(hardware_plan, "qsv", "h264")
    assert "-vaapi_device" not in _command(hardware_plan, "nvenc", "h264")


@pytest.mark.parametrize(("family", "codec"), HARDWARE_CODECS)
def test_ffmpeg_knows_every_option_and_every_named_value(
    binaries: Binaries, family: Hardware, codec: VideoCodec
) -> None:
    known = _private_options(f"{codec}_{family}", binaries)
    if not known:
        pytest.skip(f"this FFmpeg was built without {codec}_{family}")
    for preset in PRESETS:
        for option, value in CODING[family](_rendition(codec, preset=preset)).items():
            name = option.removesuffix(":v")
            if name in ("b", "maxrate", "bufsize"):
                continue
            assert name in known
            assert isinstance(value, int) or value in known[name]


def _private_options(encoder: str, binaries: Binaries) -> dict[str, set[str]]:
    """The options of an encoder, and the names of the values of each."""
    asked = [binaries.ffmpeg, "-hide_banner", "-h", f"encoder={encoder}"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=30).stdout
    options: dict[str, set[str]] = {}
    for line in said.splitlines():
        if option := re.match(r"  -(\S+) ", line):
            current = options.setdefault(option[1], set())
        elif value := re.match(r"     (\S+) ", line):
            current.add(value[1])
    return options


def _rendition(codec: VideoCodec, **changes: Any) -> VideoRendition:
    facts: dict[str, Any] = {"name": "360p", "codec": codec, "width": 640, "height": 360}
    return VideoRendition(**facts, video_bps=800_000, maxrate_bps=880_000, **({"preset": "fast"} | changes))


@pytest.mark.parametrize(("average", "cap", "share"), [(800_000, 880_000, 110), (500_000, 1_000_000, 200)])
def test_svt_av1_is_told_the_cap_as_a_share_of_the_average(average: int, cap: int, share: int) -> None:
    rendition = _rendition("av1").model_copy(update={"video_bps": average, "maxrate_bps": cap})
    assert f"maxsection-pct={share}:" in software.coding(rendition)["svtav1-params"]


def test_the_timescale_counts_every_frame_in_whole_ticks(sets: Encoded) -> None:
    for _, path in _files(sets):
        with av.open(str(path)) as container:
            time_base = container.streams.video[0].time_base
        assert (1 / sets.plan.frame_rate) % Fraction(time_base or 1) == 0
