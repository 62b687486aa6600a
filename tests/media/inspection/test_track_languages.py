from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.inspection.probe import probe
from nightreel.media.inspection.track_languages import with_full_languages
from nightreel.media.programs.binaries import Binaries
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip

_NAME, _BCP47 = b"\x53\x6e", b"\x22\xb5\x9d"
"""Elements of a Matroska track (RFC 9559)."""
_SEGMENT_WITHOUT_END = b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
_TRACKS_WITHOUT_END = b"\x16\x54\xae\x6b\x10\xff\xff\xff"
_MARK = "to be a language"

_TITLED = ("-metadata:s:a:0", f"title={_MARK}", "-write_crc32", "0")
_TWO_SOUNDS = Clip(
    seconds=0.2,
    sounds=(
        Sound(seconds=0.2, language="spa"),
        Sound(seconds=0.2, language="spa"),
    ),
)


def _in_matroska(clip: Path, folder: Path, ffmpeg: str, tag: str) -> Path:
    """The clip as Matroska, with the tag in the place of the first sound's title."""
    path = remuxed(clip, folder / "tagged.mkv", ffmpeg, after=_TITLED)
    titled = _NAME + bytes([0x80 + len(_MARK)]) + _MARK.encode()
    size = len(_MARK) - 1
    told = _BCP47 + bytes([0x80 + size]) + tag.encode().ljust(size, b"\x00")
    whole = path.read_bytes()
    assert whole.count(titled) == 1
    path.write_bytes(whole.replace(titled, told))
    return path


def _in_mp4(clip: Path, folder: Path, tag: str) -> Path:
    """The clip with an `elng` in its second track; its index is last, so that no media moves."""
    whole = bytearray(clip.read_bytes())
    assert whole.find(b"mdat") < whole.find(b"moov")
    track = whole.find(b"trak", whole.find(b"trak") + 1)
    media = whole.find(b"mdia", track)
    told = b"elng" + bytes(4) + tag.encode() + b"\x00"
    told = (len(told) + 4).to_bytes(4) + told
    for box in (whole.find(b"moov"), track, media):
        size = int.from_bytes(whole[box - 4 : box]) + len(told)
        whole[box - 4 : box] = size.to_bytes(4)
    whole[media + 4 : media + 4] = told
    path = folder / "tagged.mp4"
    path.write_bytes(whole)
    return path


@pytest.mark.parametrize(
    ("tag", "language"),
    [("es-419", "es-419"), ("zh-Hant-TW", "zh-Hant-TW"), ("qaa", "qaa"), ("no tag!", "es"), ("", "es")],
)
def test_the_full_tag_goes_before_three_letters_in_matroska(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, tag: str, language: str
) -> None:
    source = _in_matroska(make_clip(_TWO_SOUNDS), tmp_path, binaries.ffmpeg, tag)
    assert [track.language for track in probe(source, binaries.ffprobe).audio] == [language, "es"]


@pytest.mark.parametrize(("tag", "language"), [("es-419", "es-419"), ("no tag!", "es")])
def test_the_full_tag_goes_before_three_letters_in_mp4(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, tag: str, language: str
) -> None:
    source = _in_mp4(make_clip(_TWO_SOUNDS), tmp_path, tag)
    assert [track.language for track in probe(source, binaries.ffprobe).audio] == [language, "es"]


@given(st.binary(max_size=200), st.booleans())
def test_whatever_bytes_there_are_every_track_is_described(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, matroska: bool
) -> None:
    path = tmp_path_factory.mktemp("noise") / "noise"
    boxes = (len(noise) + 16).to_bytes(4) + b"moov" + (len(noise) + 8).to_bytes(4) + b"trak"
    path.write_bytes((_SEGMENT_WITHOUT_END + _TRACKS_WITHOUT_END if matroska else boxes) + noise)
    streams = [{"index": 0, "codec_type": "audio", "id": "0x1"}]
    assert len(with_full_languages(streams, path)) == 1
