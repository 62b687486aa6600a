import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from nightreel.errors import SourceRejected
from nightreel.media.inspection.sniff import HEAD_BYTES, container_of, require_media
from nightreel.media.programs.binaries import Binaries
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip


def _refusal(path: Path) -> SourceRejected:
    with pytest.raises(SourceRejected) as caught:
        require_media(path)
    assert str(path.parent) not in caught.value.sentence
    return caught.value


_TEXTS = {
    "empty_file": [b""],
    "web_page": [
        b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>",
        b"\n  <html lang=en><head><title>Sign in</title></head></html>",
        '<?xml version="1.0"?><!DOCTYPE html><html>é</html>'.encode("latin-1"),
        "<html></html>".encode("utf-16"),
    ],
    "text_file": [
        b"This is not a video.\n" * 9000,
        b'{"error": "not found"}',
        b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>",
        "Dies ist kein Film: \N{LATIN SMALL LETTER U WITH DIAERESIS}".encode(),
    ],
    "playlist": [
        b"#EXTM3U\n#EXTINF:6,\nhttp://example.org/a.ts\n",
        b"\xef\xbb\xbf#EXTM3U\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\n",
        b"[playlist]\nFile1=http://example.org/a.mp4\n",
        b"[Reference]\r\nRef1=http://example.org/a.asf\r\n",
        b"<ASX version='3'><entry><ref href='http://example.org/a.asf'/></entry></ASX>",
        b'<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"></playlist>',
        b"RTSPtext\nrtsp://example.org/film",
        b"# VobSub index file, v7\n",
        b'<?xml version="1.0"?>\n<!-- a stream -->\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    ],
    "subtitles_only": [
        b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n",
        b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n",
        b"[Script Info]\nScriptType: v4.00+\n",
        b"{25}{50}Hello",
        b'<?xml version="1.0"?>\n<tt xmlns="http://www.w3.org/ns/ttml"></tt>',
    ],
    "image": [b"XBIN\x1a\x50\x00\x19\x00\x10\x00" + bytes(4000), b"GIF89a" + bytes(40)],
    "not_media": [
        bytes([0x47]) + bytes(187),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x00",
        b"\x7fELF\x02\x01\x01" + bytes(60),
        bytes(4096),
        bytes(range(256)) * 20,
    ],
}


@pytest.mark.parametrize(("code", "content"), [(code, each) for code, all in _TEXTS.items() for each in all])
def test_what_is_no_media_is_refused_for_what_it_is(tmp_path: Path, code: str, content: bytes) -> None:
    (tmp_path / "film.mp4").write_bytes(content)
    assert _refusal(tmp_path / "film.mp4").code == code


def test_the_beginning_of_a_text_is_quoted_to_its_owner(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_text('{"error":\n "your trial\thas ended, and there is much more to say"}')
    assert '“{"error": "your trial has ended, and…”' in _refusal(tmp_path / "film.mp4").sentence


def test_an_archive_is_no_media(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "film.mp4", "w") as archive:
        archive.writestr("film.txt", "the film")
    assert _refusal(tmp_path / "film.mp4").code == "not_media"


@pytest.mark.parametrize(
    ("suffix", "code", "name"),
    [
        ("jpg", "image", "J"),
        ("png", "image", "PNG"),
        ("avif", "image", "AVIF"),
    ],
)
def test_pictures_are_refused_by_name(
    save_as: Callable[[str], Path], suffix: str, code: str, name: str
) -> None:
    refusal = _refusal(save_as(suffix))
    assert refusal.code == code
    assert name in refusal.sentence


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "webm", "m4v"])
def test_mp4_mov_mkv_and_webm_are_taken(save_as: Callable[[str], Path], suffix: str) -> None:
    require_media(save_as(suffix))


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "webm"])
def test_the_first_bytes_tell_which_of_them_it_is(save_as: Callable[[str], Path], suffix: str) -> None:
    assert container_of(save_as(suffix).read_bytes()[:HEAD_BYTES]) == suffix


def test_a_quicktime_file_without_a_type_box_is_taken(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    whole = remuxed(make_clip(Clip()), tmp_path / "whole.mov", binaries.ffmpeg)
    data = whole.read_bytes()
    (tmp_path / "old.mov").write_bytes(data[int.from_bytes(data[:4]) :])
    require_media(tmp_path / "old.mov")


def test_sound_alone_in_an_mp4_is_media(make_clip: MakeClip) -> None:
    require_media(make_clip(Clip(picture="", sounds=(Sound(),))))


_ENCODERS = {
    "jpg": ("-c:v", "mjpeg", "-strict", "unofficial", "-update", "1"),
    "png": ("-c:v", "png", "-update", "1"),
    "avif": ("-c:v", "libsvtav1", "-preset", "12"),
    "flv": ("-c:v", "flv1"),
    "mpg": ("-c:v", "mpeg1video"),
    "webm": ("-c:v", "libvpx"),
}


@pytest.fixture
def save_as(binaries: Binaries, tmp_path: Path) -> Callable[[str], Path]:
    """One short picture in the format of a file name's suffix."""

    def save(suffix: str) -> Path:
        path = tmp_path / f"film.{suffix}"
        return Clip(seconds=0.04, after=(*_ENCODERS.get(suffix, ()), "-pix_fmt", "yuv420p")).write(
            path, binaries.ffmpeg
        )

    return save
