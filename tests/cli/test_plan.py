"""What would be made of a file of this machine."""

import json
from pathlib import Path

import pytest

from nightreel.media.programs.binaries import find_binaries
from tests.cli.conftest import Run
from tests.media.clips import Clip, Sound
from tests.media.h264 import B_PYRAMID, SCENES


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one film that may be copied, and one that may not."""
    folder = tmp_path_factory.mktemp("films")
    ffmpeg = find_binaries().ffmpeg
    Clip(SCENES.format(rate=25), sounds=(Sound(),), after=B_PYRAMID).write(folder / "plain.mp4", ffmpeg)
    Clip(after=("-pix_fmt", "yuv420p10le")).write(folder / "deep.mp4", ffmpeg)
    return folder


def test_the_renditions_are_shown_and_that_the_picture_may_be_copied(run: Run, films: Path) -> None:
    result = run("plan", films / "plain.mp4")
    assert result.exit_code == 0, result.output
    first, picture, sound, last = result.stdout.splitlines()
    assert first == "plain.mp4: h264, 96×54, 25 frames a second, 0:02"
    assert picture.startswith("54p: h264, 96×54, ")
    assert sound.startswith("audio_und: aac, 2 channels, ")
    assert last == "Its picture may be copied: keyframes: 2; segments: 1, of 2.00 to 2.00 s."


def test_each_reason_against_a_copy_is_shown(run: Run, films: Path) -> None:
    told = run("plan", films / "deep.mp4").stdout.splitlines()
    assert told[-1] == (
        "Its picture is not copied: its profile is High 10, and players are sure to decode no more than High."
    )


def test_json_tells_the_same(run: Run, films: Path) -> None:
    found = json.loads(run("plan", films / "plain.mp4", "--json").stdout)
    assert [each["name"] for each in found["renditions"]] == ["54p", "audio_und"]
    assert found["copying"]["may"] is True
    assert found["copying"]["keyframes"][0] == 0
    assert found["copying"]["segment_seconds"] == [2.0]
    refused = json.loads(run("plan", films / "deep.mp4", "--json").stdout)["copying"]
    assert refused["may"] is False
    assert len(refused["reasons"]) == 2


def test_where_loudness_is_left_alone_it_is_said_which_sounds_are_copied_and_why_not(
    run: Run, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_NORMALISE_LOUDNESS", "false")
    assert run("plan", films / "plain.mp4").stdout.splitlines()[2].endswith(" kb/s, copied")
    monkeypatch.setenv("NIGHTREEL_LADDER", str(films / "ladder.yaml"))
    (films / "ladder.yaml").write_text("rungs: [{height: 54, video_bps: 60000, audio_bps: 32000}]")
    reason = "Sound track 1 is not copied: it needs 128 kb/s, and 51 kb/s is the limit."
    assert reason in run("plan", films / "plain.mp4").stdout.splitlines()
    found = json.loads(run("plan", films / "plain.mp4", "--json").stdout)
    assert found["copying"]["sounds_not_copied"] == [reason]


def test_the_settings_are_those_of_the_deployment(
    run: Run, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTREEL_CODECS", "h264,hevc")
    names = [
        each["name"] for each in json.loads(run("plan", films / "plain.mp4", "--json").stdout)["renditions"]
    ]
    assert names == ["54p", "hevc_54p", "audio_und"]


@pytest.mark.parametrize(("content", "told"), [(None, "there is no such file"), (b"words", "not a video")])
def test_a_file_that_cannot_be_planned_is_told_in_a_line(
    run: Run, tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    result = run("plan", path)
    assert result.exit_code == 1
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
