"""Files of every kind that is taken, made by FFmpeg, go through the whole inspection."""

import subprocess
from pathlib import Path
from typing import get_args

import pytest

from nightreel.errors import SourceRejected
from nightreel.media.inspection.containers import Container, container_in
from nightreel.media.inspection.inspect import inspect
from nightreel.media.inspection.sniff import require_media
from nightreel.media.programs.binaries import Binaries
from tests.media.encoded import encode_all

_SECONDS, _RATE = 2, 25
_SOUND = ("-c:a", "aac")
_KINDS: dict[str, tuple[Container, tuple[str, ...]]] = {
    "mp4": ("mp4", ("-c:v", "libx264", *_SOUND, "-f", "mp4")),
    "fragmented": ("mp4", ("-c:v", "libx264", *_SOUND, "-movflags", "frag_keyframe+empty_moov", "-f", "mp4")),
    "3gp": ("mp4", ("-c:v", "mpeg4", *_SOUND, "-f", "3gp")),
    "mov": ("mov", ("-c:v", "libx264", "-c:a", "pcm_s16le", "-f", "mov")),
    "mkv": ("mkv", ("-c:v", "libx264", *_SOUND, "-f", "matroska")),
    "webm": ("webm", ("-c:v", "libvpx", "-c:a", "libopus", "-f", "webm")),
    "avi": ("avi", ("-c:v", "libx264", "-c:a", "libmp3lame", "-f", "avi")),
    "avi with B-frames": ("avi", ("-c:v", "mpeg4", "-bf", "2", "-c:a", "libmp3lame", "-f", "avi")),
    "ts": ("ts", ("-c:v", "libx264", *_SOUND, "-f", "mpegts")),
    "m2ts": ("ts", ("-c:v", "libx264", "-c:a", "ac3", "-mpegts_m2ts_mode", "1", "-f", "mpegts")),
    "mpg": ("mpg", ("-c:v", "mpeg1video", "-c:a", "mp2", "-f", "mpeg")),
    "vob": ("mpg", ("-c:v", "mpeg2video", "-c:a", "ac3", "-f", "vob")),
    "flv": ("flv", ("-c:v", "libx264", *_SOUND, "-f", "flv")),
    "old flv": ("flv", ("-c:v", "flv1", "-c:a", "libmp3lame", "-ar", "44100", "-f", "flv")),
    "wmv": ("wmv", ("-c:v", "wmv2", "-c:a", "wmav2", "-f", "asf")),
    "ogv": ("ogv", ("-c:v", "libtheora", "-c:a", "libopus", "-f", "ogg")),
    "mxf": ("mxf", ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000", "-f", "mxf")),
    "dv": (
        "dv",
        ("-s", "720x576", "-pix_fmt", "yuv420p", "-c:v", "dvvideo", "-ar", "48000", "-ac", "2", "-f", "dv"),
    ),
    "rm": ("rm", ("-c:v", "rv20", "-c:a", "ac3", "-f", "rm")),
    "wtv": ("wtv", ("-c:v", "mpeg2video", "-c:a", "mp2", "-f", "wtv")),
    "ivf": ("ivf", ("-c:v", "libvpx", "-an", "-f", "ivf")),
}
_ENCODED = ("avi with B-frames", "m2ts", "mpg", "wmv", "flv", "ogv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("containers")


def _made(kind: str, folder: Path, ffmpeg: str) -> Path:
    """Called as the work area calls every source, whatever it is."""
    path = folder / kind / "source.mp4"
    if not path.exists():
        path.parent.mkdir()
        command = [
            ffmpeg,
            "-v",
            "error",
            "-nostdin",
            "-f",
            "lavfi",
            "-i",
            f"testsrc2=size=192x108:rate={_RATE}",
        ]
        command += ["-f", "lavfi", "-i", "sine=sample_rate=48000", "-t", str(_SECONDS), "-pix_fmt", "yuv420p"]
        subprocess.run([*command, *_KINDS[kind][1], f"file:{path}"], check=True, timeout=60)
    return path


@pytest.mark.parametrize("kind", _KINDS)
def test_a_file_of_every_kind_is_known_by_its_bytes_and_becomes_a_source(
    kind: str, folder: Path, binaries: Binaries
) -> None:
    path = _made(kind, folder, binaries.ffmpeg)
    assert require_media(path) == _KINDS[kind][0]
    found = inspect(path, binaries, decode_check="whole", damage_tolerance=0.0)
    assert found.frames == pytest.approx(_SECONDS * _RATE, abs=1)
    assert found.duration == pytest.approx(_SECONDS, abs=0.1)
    assert len(found.audio) == (0 if kind == "ivf" else 1)
    assert found.damaged_frames == 0


def test_every_kind_that_is_taken_is_tried() -> None:
    assert {container for container, _ in _KINDS.values()} == set(get_args(Container))


@pytest.mark.parametrize("kind", _ENCODED)
def test_what_was_taken_is_encoded_to_its_whole_length(
    kind: str, folder: Path, binaries: Binaries, tmp_path: Path
) -> None:
    made = encode_all(_made(kind, folder, binaries.ffmpeg), tmp_path, binaries)
    assert made.plan.frames == pytest.approx(_SECONDS * _RATE, abs=1)
    assert all(path.stat().st_size for path in made.files.values())


@pytest.mark.parametrize("kind", ["ts", "mxf", "mpg", "avi"])
@pytest.mark.parametrize("suffix", ["", ".txt", ".m3u8"])
def test_the_name_of_a_file_decides_nothing(
    kind: str, suffix: str, folder: Path, binaries: Binaries, tmp_path: Path
) -> None:
    named = tmp_path / f"source{suffix}"
    named.symlink_to(_made(kind, folder, binaries.ffmpeg))
    assert inspect(named, binaries, decode_check="off", damage_tolerance=0.0).frames


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("playlist", b"#EXTM3U\n#EXTINF:6,\nfile:///etc/passwd\n"),
        ("playlist", b"ffconcat version 1.0\nfile '/etc/passwd'\n"),
        ("playlist", b"v=0\r\nm=video 5004 RTP/AVP 96\r\n"),
        ("image", b"XBIN\x1a\x50\x00\x19\x00\x10\x00" + bytes(4000)),
        ("text_file", b'LoadModule("x.so")\nAviSource("a.avi")\n'),
        ("subtitles_only", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"),
    ],
)
def test_what_names_other_files_or_is_no_film_is_refused_by_name(
    code: str, content: bytes, binaries: Binaries, tmp_path: Path
) -> None:
    (tmp_path / "source.mp4").write_bytes(content)
    with pytest.raises(SourceRejected) as caught:
        inspect(tmp_path / "source.mp4", binaries, decode_check="off", damage_tolerance=0.0)
    assert caught.value.code == code


@pytest.mark.parametrize("encoding", [("-c:a", "libmp3lame", "-f", "mp3"), ("-c:a", "libopus", "-f", "ogg")])
def test_a_sound_is_no_video(encoding: tuple[str, ...], binaries: Binaries, tmp_path: Path) -> None:
    path = tmp_path / "sound"
    command = [binaries.ffmpeg, "-v", "error", "-f", "lavfi", "-i", "sine", "-t", "1", *encoding, str(path)]
    subprocess.run(command, check=True, timeout=60)
    with pytest.raises(SourceRejected) as caught:
        require_media(path)
    assert caught.value.code == "no_video"


@pytest.mark.parametrize("head", [b"", b"\x47", b"\x47" * 188, b"RIFF\x00\x00\x00\x00WAVEfmt ", b"FLV"])
def test_too_little_is_nothing(head: bytes) -> None:
    assert container_in(head) is None
