"""What is encoded while it is watched: sizes, rates, keyframes and containers."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import m3u8
import numpy as np
import pytest

from nightreel.media.encoding.live import LivePicture, LiveQuality, hls_command, mp4_command
from nightreel.media.inspection.remote_probe import describing_command, picture_in
from nightreel.media.planning.plan_colour import understood
from nightreel.media.programs.binaries import Binaries, find_binaries
from tests.media.clips import Clip, Sound, remuxed
from tests.players.server import serve

QUALITY = LiveQuality(height=108, video_bps=300_000, audio_bps=128_000, preset="ultrafast")
NOISE = "nullsrc=size=320x180:rate=30,geq=random(1)*255:128:128"


@pytest.fixture(scope="module")
def binaries() -> Binaries:
    return find_binaries()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, binaries: Binaries) -> Iterator[str]:
    """The URL of a folder of sources."""
    folder = tmp_path_factory.mktemp("sources")
    six_channels = Sound(lavfi="sine=frequency=440:sample_rate=44100", seconds=6.0, channels=6)
    ffmpeg = binaries.ffmpeg
    Clip(picture=NOISE, seconds=6.0, sounds=(six_channels,)).write(folder / "large.mp4", ffmpeg)
    Clip(picture="testsrc=size=141x81:rate=10", seconds=1.0, after=("-pix_fmt", "yuvj444p")).write(
        folder / "small.mkv", ffmpeg
    )
    Clip(picture="", sounds=(Sound(),)).write(folder / "sound.mp4", ffmpeg)
    Clip(picture="testsrc2=size=6120x60:rate=5", seconds=0.4).write(folder / "wide.mp4", ffmpeg)
    film = Clip(picture="testsrc2=size=160x120:rate=25").write(folder / "film.mp4", ffmpeg)
    stills = Clip(picture="testsrc2=size=320x180:rate=1").write(folder / "stills.mp4", ffmpeg)
    # A phone's motion photo: stills beside the film, and larger.
    remuxed(film, folder / "photo.mp4", ffmpeg, before=("-i", str(stills)), after=("-map", "1"))
    with serve({"/": folder}) as url:
        yield url


def made(command: list[str], directory: Path) -> bytes:
    return subprocess.run(command, capture_output=True, check=True, timeout=60, cwd=directory).stdout


def streams(binaries: Binaries, path: Path) -> list[dict[str, Any]]:
    command = [binaries.ffprobe, "-v", "error", "-of", "json", "-show_streams", str(path)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return list(json.loads(done.stdout)["streams"])


def keyframes(binaries: Binaries, path: Path) -> list[float]:
    """Their times in seconds, from the first one on."""
    command = [binaries.ffprobe, "-v", "error", "-of", "json", "-select_streams", "v", "-skip_frame", "nokey"]
    done = subprocess.run(
        [*command, "-show_entries", "frame=pts_time", str(path)], capture_output=True, check=True, timeout=60
    )
    times = [float(frame["pts_time"]) for frame in json.loads(done.stdout)["frames"]]
    return [time - times[0] for time in times]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, sources: str, binaries: Binaries) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    path.write_bytes(made(mp4_command(f"{sources}/large.mp4", None, QUALITY, binaries.ffmpeg), path.parent))
    return path


def test_a_picture_is_scaled_down_to_the_height_and_sound_becomes_stereo(
    film: Path, binaries: Binaries
) -> None:
    picture, sound = streams(binaries, film)
    assert (picture["codec_name"], picture["width"], picture["height"]) == ("h264", 192, 108)
    assert (sound["codec_name"], sound["channels"], sound["sample_rate"]) == ("aac", 2, "48000")


def test_noise_keeps_to_the_rate(film: Path, binaries: Binaries) -> None:
    picture, _ = streams(binaries, film)
    # What the decoder's buffer of two seconds holds comes on top of the cap.
    assert int(picture["bit_rate"]) <= QUALITY.video_bps * (6 + 2) / 6


def test_there_is_a_keyframe_every_two_seconds_and_none_between(film: Path, binaries: Binaries) -> None:
    # The first frame is shown until the sound's first 1024 samples, AAC's priming, are over.
    assert keyframes(binaries, film) == pytest.approx([0.0, 2.0, 4.0], abs=0.03)


def test_mp4_comes_in_fragments_of_a_second_at_most_after_an_index_without_samples(film: Path) -> None:
    content = film.read_bytes()
    assert content.index(b"moov") < content.index(b"moof") < content.index(b"mdat")
    assert content.count(b"moof") >= 6


def test_a_small_picture_keeps_its_height_but_for_an_odd_line_and_becomes_what_players_decode(
    sources: str, binaries: Binaries, tmp_path: Path
) -> None:
    (tmp_path / "small.mp4").write_bytes(
        made(mp4_command(f"{sources}/small.mkv", None, QUALITY, binaries.ffmpeg), tmp_path)
    )
    (picture,) = streams(binaries, tmp_path / "small.mp4")
    assert (picture["width"], picture["height"]) == (140, 80)
    assert picture["pix_fmt"] == "yuv420p"


def test_a_source_may_have_nothing_but_sound(sources: str, binaries: Binaries, tmp_path: Path) -> None:
    content = made(mp4_command(f"{sources}/sound.mp4", None, QUALITY, binaries.ffmpeg), tmp_path)
    (tmp_path / "sound.mp4").write_bytes(content)
    assert [stream["codec_name"] for stream in streams(binaries, tmp_path / "sound.mp4")] == ["aac"]


def test_hls_is_a_list_that_only_grows_of_segments_that_start_with_a_keyframe(
    sources: str, binaries: Binaries, tmp_path: Path
) -> None:
    folder = tmp_path / "100%d, = of a folder"
    folder.mkdir()
    made(hls_command(f"{sources}/large.mp4", None, QUALITY, binaries.ffmpeg), folder)
    playlist = m3u8.load(str(folder / "index.m3u8"))
    assert (playlist.playlist_type, playlist.is_independent_segments) == ("event", True)
    assert [segment.duration for segment in playlist.segments] == pytest.approx([4.0, 2.0], abs=0.1)
    assert [segment.uri for segment in playlist.segments] == ["000000.ts", "000001.ts"]
    assert keyframes(binaries, folder / "000000.ts") == pytest.approx([0.0, 2.0], abs=0.001)


def combing(path: Path) -> float:
    """How much each line differs from the two around it: fields that were left woven stand out."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray()[: frame.height].astype(float) for frame in container.decode(video=0)]
    return float(np.mean([np.abs(2 * luma[1:-1] - luma[:-2] - luma[2:]).mean() for luma in frames[2:-2]]))


def test_fields_that_say_so_are_made_whole(binaries: Binaries, tmp_path: Path) -> None:
    motion = "testsrc2=size=256x576:rate=50,crop=w=128:x=n*4"
    whole = Clip(picture=motion, seconds=0.6).write(tmp_path / "whole.mp4", binaries.ffmpeg)
    said = ("-flags", "+ilme+ildct", "-x264-params", "tff=1")
    fields = Clip(picture=motion, seconds=0.6, filters="interlace=lowpass=off", after=said)
    source = fields.write(tmp_path / "fields.mp4", binaries.ffmpeg)
    quality = LiveQuality(height=576, video_bps=6_000_000, audio_bps=128_000, preset="ultrafast")
    with serve({"/": tmp_path}) as url:
        made_of_fields = made(mp4_command(f"{url}/fields.mp4", None, quality, binaries.ffmpeg), tmp_path)
    (tmp_path / "made.mp4").write_bytes(made_of_fields)
    assert combing(source) > 1.5 * combing(whole)
    assert combing(tmp_path / "made.mp4") < 1.1 * combing(whole)


def test_the_picture_that_a_player_would_show_is_streamed(
    sources: str, binaries: Binaries, tmp_path: Path
) -> None:
    address = f"{sources}/photo.mp4"
    described = made(describing_command(address, binaries.ffprobe), tmp_path).decode()
    video = picture_in(described)
    assert video is not None
    picture = LivePicture(video.index, understood(video)[0])
    film = tmp_path / "film.mp4"
    film.write_bytes(made(mp4_command(address, picture, QUALITY, binaries.ffmpeg), tmp_path))
    (shown,) = streams(binaries, film)
    assert (shown["width"], shown["height"]) == (144, 108)


def test_a_picture_that_is_too_wide_for_players_is_made_smaller(
    sources: str, binaries: Binaries, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(made(mp4_command(f"{sources}/wide.mp4", None, QUALITY, binaries.ffmpeg), tmp_path))
    (shown,) = streams(binaries, film)
    assert (shown["width"], shown["height"]) == (4080, 40)
