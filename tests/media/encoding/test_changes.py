"""What changes midway in a source, or ends before the rest, is shown whole."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from nightreel.errors import SourceRejected
from nightreel.media.inspection.probe import probe
from nightreel.media.planning.ladder import Ladder, Rung
from nightreel.media.programs.binaries import Binaries
from tests.media import measure
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.encoded import encode_all

_ONE_SIZE = Ladder(rungs=(Rung(height=90, video_bps=200_000, audio_bps=64_000, preset="ultrafast"),))


def _frames(path: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def _part(colour: str, size: str, path: Path, binaries: Binaries, *options: str) -> Path:
    """A second of one colour with a white square in its middle."""
    square = f"color={colour}:size={size}:rate=25,drawbox=x=iw/2-20:y=ih/2-20:w=40:h=40:c=white:t=fill"
    command = [binaries.ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-t", "1", "-i", square, *options]
    subprocess.run([*command, str(path)], check=True, timeout=60)
    return path


_PARTS = (("navy", "160x90"), ("green", "90x160"), ("maroon", "160x90"))


def resized_webm(folder: Path, binaries: Binaries) -> Path:
    """Three parts of VP8 in one track, as a browser records a window that is turned."""
    parts = [
        _part(colour, size, folder / f"{number}.webm", binaries, "-c:v", "libvpx", "-deadline", "realtime")
        for number, (colour, size) in enumerate(_PARTS)
    ]
    return _concatenated(parts, folder / "resized.webm", binaries)


def _resized_h264(folder: Path, binaries: Binaries) -> Path:
    """The same in H.264, whose parameter sets change within the stream."""
    raw = folder / "resized.h264"
    with raw.open("wb") as joined:
        for number, (colour, size) in enumerate(_PARTS):
            options = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-f", "h264")
            joined.write(_part(colour, size, folder / f"{number}.h264", binaries, *options).read_bytes())
    path = folder / "resized.mkv"
    command = [binaries.ffmpeg, "-v", "error", "-y", "-r", "25", "-i", str(raw), "-c", "copy", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


def _concatenated(parts: list[Path], path: Path, binaries: Binaries) -> Path:
    script = path.with_suffix(".txt")
    script.write_text("".join(f"file '{part}'\n" for part in parts))
    command = [binaries.ffmpeg, "-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", str(script)]
    subprocess.run([*command, "-c", "copy", str(path)], check=True, timeout=60)
    return path


@pytest.mark.parametrize("make", [resized_webm, _resized_h264])
def test_a_picture_that_changes_its_size_is_fitted_in_whole_and_keeps_its_shape(
    make: object, binaries: Binaries, tmp_path: Path
) -> None:
    source = make(tmp_path, binaries)  # type: ignore[operator]
    encoded = encode_all(source, tmp_path, binaries, ladder=_ONE_SIZE)
    frames = list(_frames(encoded.pictures[0]))
    assert (len(frames), frames[0].shape) == (75, (90, 160, 3))
    for number, channel in enumerate((2, 1, 0)):
        picture = frames[number * 25 + 12].astype(int)
        # Navy, green and maroon, beside the middle.
        assert picture[45, 80 - 15 - 8 * (number != 1)].argmax() == channel
        white = (picture.min(axis=2) > 150).nonzero()
        height, width = (int(np.ptp(places)) + 1 for places in white)
        assert abs(height - width) <= 4
        assert height == pytest.approx(22 if number == 1 else 40, abs=4)
    # Bars beside the upright part.
    assert frames[37][:, :40].max() < 40


def test_the_last_picture_is_held_while_the_sound_goes_on(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    card = make_clip(Clip(picture="color=red:size=160x90:rate=1", seconds=2, sounds=(Sound(seconds=5),)))
    encoded = encode_all(card, tmp_path, binaries, ladder=_ONE_SIZE)
    made = measure.picture(encoded.pictures[0])
    assert float(made.end) == pytest.approx(5.0, abs=0.1)
    assert min(made.brightness) > 30
    heard = measure.sound(encoded.sounds[0])
    assert heard.loudness(4.5, 4.9) > 0.01
    assert encoded.plan.held_frames == 3


def _recording(colour: str, tone: int, path: Path, binaries: Binaries) -> bytes:
    """Two seconds of a colour and a tone."""
    command = [binaries.ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-t", "2"]
    command += ["-i", f"color={colour}:size=160x90:rate=25", "-f", "lavfi", "-t", "2"]
    command += [
        "-i",
        f"sine={tone}:sample_rate=48000",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-c:a",
        "aac",
    ]
    # As a browser records: of no known length.
    command += ["-live", "1"] if path.suffix == ".mkv" else []
    subprocess.run([*command, str(path)], check=True, timeout=60)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", ["mkv", "ts"])
def test_recordings_that_were_joined_byte_by_byte_are_shown_one_after_another(
    binaries: Binaries, tmp_path: Path, suffix: str
) -> None:
    colours = (("red", 300), ("lime", 600), ("blue", 900))
    source = tmp_path / f"joined.{suffix}"
    parts = [_recording(*each, tmp_path / f"part.{suffix}", binaries) for each in colours]
    source.write_bytes(b"".join(parts))
    encoded = encode_all(source, tmp_path, binaries, ladder=_ONE_SIZE)
    frames = list(_frames(encoded.pictures[0]))
    assert len(frames) == pytest.approx(150, abs=4)
    heard = measure.sound(encoded.sounds[0])
    for number, (_, tone) in enumerate(colours):
        assert frames[round((2 * number + 1) * 25)][45, 80].argmax() == number
        middle = heard.samples[0, round((2 * number + 0.8) * 48_000) :][:9600]
        assert np.abs(np.fft.rfft(middle)).argmax() * 5 == pytest.approx(tone, abs=10)
    (said,) = encoded.plan.warnings
    assert "begin again after 0:00:02" in said
    assert "all 3 parts" in said


@pytest.mark.parametrize(
    ("suffix", "options", "parts"),
    [("mp4", (), 2), ("mp4", ("-movflags", "frag_keyframe+empty_moov"), 2), ("mkv", (), 3)],
)
def test_joined_recordings_of_which_only_some_can_be_read_are_refused(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, suffix: str, options: tuple[str, ...], parts: int
) -> None:
    whole = remuxed(make_clip(Clip()), tmp_path / f"part.{suffix}", binaries.ffmpeg, after=options)
    joined = tmp_path / f"joined.{suffix}"
    joined.write_bytes(whole.read_bytes() * parts)
    with pytest.raises(SourceRejected) as caught:
        probe(joined, binaries.ffprobe)
    assert caught.value.code == "joined"
