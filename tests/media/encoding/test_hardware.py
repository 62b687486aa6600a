"""Hardware is taken where it proves to work, and only there."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightreel.errors import ConfigurationError
from nightreel.media.encoding import hardware_proof
from nightreel.media.encoding.encoders import HARDWARE, Encoder
from nightreel.media.encoding.hardware import choose_encoder
from nightreel.media.encoding.hardware_proof import (
    FRAMES,
    GOP_FRAMES,
    PICTURE,
    RATE,
    SIZE,
    HardwareUnproven,
    fault_in,
    fault_of,
    proven,
)
from nightreel.media.encoding.transcode import encode
from nightreel.media.planning.plan import PlanOptions
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import Hardware, VideoCodec
from tests.media import measure
from tests.media.clips import Clip
from tests.media.conftest import MakeClip
from tests.media.encoded import TIMEOUT_SECONDS, job_for, small_plan
from tests.media.encoding.test_encoders import CODECS, CUTS
from tests.media.encoding.test_hardware_options import HARDWARE_CODECS
from tests.started_programs import SECRETS, secrets_at_hand, started_programs


@pytest.fixture
def devices_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Where in /dev hardware is looked for."""

    def look_at(pattern: str) -> None:
        everywhere = dict.fromkeys(hardware_proof._DEVICES, (pattern,))
        monkeypatch.setattr(hardware_proof, "_DEVICES", everywhere)
        monkeypatch.setattr(hardware_proof.platform, "system", lambda: "Linux")
        hardware_proof._proof.cache_clear()

    yield look_at
    hardware_proof._proof.cache_clear()


def _rendition(**changes: Any) -> VideoRendition:
    facts: dict[str, Any] = {"name": "360p", "width": 640, "height": 360, "preset": "fast"}
    return VideoRendition(**(facts | {"video_bps": 400_000, "maxrate_bps": 440_000} | changes))


# --- the choice ---


@pytest.mark.parametrize(("codec", "name"), [("h264", "libx264"), ("hevc", "libx265"), ("av1", "libsvtav1")])
def test_software_is_taken_without_a_look_at_the_hardware(
    binaries: Binaries, codec: VideoCodec, name: str
) -> None:
    choice = choose_encoder("software", _rendition(codec=codec), binaries)
    assert choice.encoder.name == name
    assert choice.passed_over == ()


@pytest.mark.parametrize("codec", CODECS)
def test_where_there_is_no_device_auto_takes_software_and_says_why_of_each(
    binaries: Binaries, devices_at: Any, codec: VideoCodec
) -> None:
    devices_at("no-such-device*")
    choice = choose_encoder("auto", _rendition(codec=codec), binaries)
    assert choice.encoder == Encoder(codec=codec)
    assert [reason.partition(":")[0] for reason in choice.passed_over] == list(HARDWARE)
    assert choice.passed_over[0] == "nvenc: there is no device /dev/no-such-device*"


def test_where_a_device_does_not_work_auto_takes_software_and_repeats_what_ffmpeg_said(
    binaries: Binaries, devices_at: Any
) -> None:
    devices_at("null")
    choice = choose_encoder("auto", _rendition(), binaries)
    assert choice.encoder == Encoder(codec="h264")
    (vaapi,) = [reason for reason in choice.passed_over if reason.startswith("vaapi")]
    # Which of them it misses first depends on what else is installed here.
    assert re.search("(?s)it said: .*(/dev/null|libva)", vaapi)


def test_hardware_that_is_named_and_not_there_is_a_fault_of_the_setting(
    binaries: Binaries, devices_at: Any
) -> None:
    devices_at("no-such-device*")
    with pytest.raises(
        ConfigurationError, match=r"NIGHTREEL_ENCODER=nvenc .* no device .*\n.* auto or software"
    ):
        choose_encoder("nvenc", _rendition(), binaries)


def test_hardware_that_is_named_and_does_not_work_is_a_fault_with_ffmpegs_words(
    binaries: Binaries, devices_at: Any
) -> None:
    devices_at("null")
    with pytest.raises(
        ConfigurationError, match=r"(?s)NIGHTREEL_ENCODER=vaapi .*it said: .*(/dev/null|libva)"
    ):
        choose_encoder("vaapi", _rendition(codec="hevc"), binaries)


@pytest.mark.parametrize("setting", ["auto", "nvenc"])
@pytest.mark.parametrize(
    "unsuited",
    [
        pytest.param({"codec": "hevc", "dynamic_range": "pq"}, id="HDR"),
        pytest.param({"width": 240, "height": 134}, id="too low"),
        pytest.param({"width": 134, "height": 240}, id="too narrow"),
        pytest.param({"width": 5120, "height": 2160}, id="too wide"),
    ],
)
def test_what_hardware_would_not_make_as_planned_is_left_to_software(
    binaries: Binaries, devices_at: Any, setting: Any, unsuited: dict[str, Any]
) -> None:
    devices_at("null")
    choice = choose_encoder(setting, _rendition(**unsuited), binaries)
    assert choice.encoder.family == "software"
    (reason,) = choice.passed_over
    assert reason.startswith("360p is ")


def test_a_choice_survives_being_written_and_read(binaries: Binaries, devices_at: Any) -> None:
    devices_at("no-such-device*")
    choice = choose_encoder("auto", _rendition(), binaries)
    assert type(choice).model_validate_json(choice.model_dump_json()) == choice


# --- the proof ---


@pytest.mark.parametrize("codec", CODECS)
def test_an_encoder_that_works_passes_the_proof(binaries: Binaries, codec: VideoCodec) -> None:
    assert fault_of(Encoder(codec=codec), binaries) == ""


def test_the_proof_is_made_without_a_secret_and_with_no_device_but_those_that_encode(
    binaries: Binaries,
) -> None:
    with secrets_at_hand(), started_programs() as programs:
        fault_of(Encoder(codec="h264"), binaries)
    assert len(programs) == 3
    assert not [program for program in programs if SECRETS.keys() & program.environment.keys()]


_AS_ASKED = {
    "-c:v": "libx264",
    "-preset": "ultrafast",
    "-pix_fmt": "yuv420p",
    "-g": str(GOP_FRAMES),
    "-sc_threshold": "0",
    "-b:v": "400k",
    "-maxrate": "440k",
    "-bufsize": "660k",
}


@pytest.mark.parametrize(
    ("otherwise", "fault"),
    [
        pytest.param({"-c:v": "libx265"}, "it made hevc", id="another codec"),
        pytest.param({"-pix_fmt": "yuv444p"}, "in yuv444p instead of yuv420p", id="another format"),
        pytest.param({"-frames:v": "49"}, "it made 49 frames, not 50", id="a frame less"),
        pytest.param({"-output_ts_offset": "1"}, "not 50 from time 0 on", id="a late start"),
        pytest.param({"-g": "25"}, "[0, 25] instead of one every 20", id="another grid"),
        pytest.param(
            {"-sc_threshold": "40", "-preset": "medium"}, "instead of one every 20", id="scene cuts"
        ),
        pytest.param(
            {"-c:v": "libx265", "-x265-params": "open-gop=1:bframes=3"}, "open GOPs", id="open GOPs"
        ),
        pytest.param(
            {"-b:v": "4M", "-maxrate": "8M", "-bufsize": "8M"}, "its capped rate allows", id="no cap"
        ),
    ],
)
def test_an_encoder_that_does_otherwise_than_asked_fails_the_proof(
    binaries: Binaries, tmp_path: Path, otherwise: dict[str, str], fault: str
) -> None:
    made = tmp_path / "made.mp4"
    command = [binaries.ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-i", PICTURE]
    for option, value in (_AS_ASKED | otherwise).items():
        command += [option, value]
    subprocess.run([*command, str(made)], check=True, capture_output=True, timeout=60)
    width, height = SIZE
    codec = "hevc" if "open-gop" in str(otherwise) else "h264"
    assert fault in fault_in(made, _rendition(codec=codec, width=width, height=height), binaries.ffprobe)


def test_a_file_without_a_picture_fails_the_proof(binaries: Binaries, tmp_path: Path) -> None:
    empty = tmp_path / "made.mp4"
    empty.write_bytes(b"")
    assert fault_in(empty, _rendition(), binaries.ffprobe) == "it made no picture"


def test_the_proof_is_made_once_in_a_process(binaries: Binaries, devices_at: Any) -> None:
    devices_at("no-such-device*")
    for _ in range(3):
        choose_encoder("auto", _rendition(), binaries)
    assert hardware_proof._proof.cache_info().misses == len(HARDWARE)


def test_the_picture_of_the_proof_has_as_many_frames_as_are_expected(
    binaries: Binaries, tmp_path: Path
) -> None:
    path = tmp_path / "source.mp4"
    command = [binaries.ffmpeg, "-v", "error", "-f", "lavfi", "-i", PICTURE, "-pix_fmt", "yuv420p"]
    subprocess.run([*command, str(path)], check=True, timeout=60)
    made = measure.picture(path)
    assert (len(made.times), made.size) == (FRAMES, SIZE)
    assert made.times[1] == 1 / RATE


# --- the device ---


@pytest.mark.hardware
@pytest.mark.parametrize(("family", "codec"), HARDWARE_CODECS)
def test_hardware_makes_exactly_the_frames_of_the_plan_on_its_grid(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, family: Hardware, codec: VideoCodec
) -> None:
    try:
        encoder = proven(family, codec, binaries)
    except HardwareUnproven as fault:
        pytest.skip(f"{family} does not work here: {fault}")
    picture = CUTS.format(rate="30000/1001").replace("192x108", "640x360")
    source = make_clip(Clip(picture=picture, seconds=5.1))
    plan = small_plan(source, binaries, PlanOptions(codecs=("h264", codec)))
    rendition = plan.video[-1].model_copy(update={"width": 640, "height": 360})
    plan = plan.model_copy(update={"video": (rendition,)})
    path = tmp_path / "made.mp4"
    encode(
        job_for(plan, rendition.name),
        plan,
        source,
        {rendition.name: path},
        ffmpeg_binary=binaries.ffmpeg,
        timeout_seconds=TIMEOUT_SECONDS,
        encoders={rendition.name: encoder},
    )
    made = measure.picture(path)
    assert made.times == tuple(position / plan.frame_rate for position in range(plan.frames))
    assert made.keyframes == tuple(range(0, plan.frames, plan.gop_frames))
    assert made.pixel_format == "yuv420p"
