"""What each hardware is asked for, by its command line."""

import re
import subprocess
from pathlib import Path

import pytest

from nightreel.media.encoding.encoders import HARDWARE, Encoder, nvenc, qsv, vaapi, videotoolbox
from nightreel.media.encoding.transcode import encode_command
from nightreel.media.planning.plan import Plan, PlanOptions
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import Hardware, VideoCodec
from tests.media.clips import Clip
from tests.media.conftest import MakeClip
from tests.media.encoded import job_for, small_plan
from tests.media.encoding.test_encoders import CODECS, PRESETS, rendition

MADE_BY: dict[Hardware, tuple[VideoCodec, ...]] = {
    "nvenc": CODECS,
    "qsv": CODECS,
    "vaapi": CODECS,
    "videotoolbox": ("h264", "hevc"),
}
HARDWARE_CODECS = [(family, codec) for family in HARDWARE for codec in MADE_BY[family]]
CODING = {
    "nvenc": nvenc.coding,
    "qsv": qsv.coding,
    "vaapi": vaapi.coding,
    "videotoolbox": videotoolbox.coding,
}


@pytest.fixture(scope="module")
def hardware_plan(make_clip: MakeClip, binaries: Binaries) -> Plan:
    return small_plan(make_clip(Clip()), binaries, PlanOptions(codecs=CODECS))


def _command(plan: Plan, family: Hardware, codec: VideoCodec) -> list[str]:
    name = _name(codec)
    job = job_for(plan, name)
    encoder = Encoder(codec=codec, family=family, device="/dev/dri/renderD128")
    outputs = {name: Path("made.mp4")}
    return encode_command(job, plan, Path("film.mp4"), outputs, "ffmpeg", {name: encoder})


def _name(codec: VideoCodec) -> str:
    return "108p" if codec == "h264" else f"{codec}_108p"


def _value(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


@pytest.mark.parametrize(("family", "codec"), HARDWARE_CODECS)
def test_hardware_is_asked_for_the_same_picture_at_the_same_capped_rate(
    hardware_plan: Plan, family: Hardware, codec: VideoCodec
) -> None:
    command = _command(hardware_plan, family, codec)
    planned = hardware_plan.rendition(_name(codec))
    assert isinstance(planned, VideoRendition)
    assert _value(command, "-c:v") == f"{codec}_{family}"
    assert _value(command, "-b:v") == str(planned.video_bps)
    assert _value(command, "-maxrate:v") == str(planned.maxrate_bps)
    assert _value(command, "-bufsize:v") == str(planned.buffer_bits)
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
        for option, value in CODING[family](rendition(codec, preset)).items():
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
