"""A title looked at as viewers do, right after it was published, on what a real bucket serves."""

from pathlib import Path

import pytest

from nightreel.errors import StorageUnavailable
from nightreel.releases.files import describe_file
from nightreel.releases.read_back import Public, last_segments, read_back
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import track_prefix
from nightreel.vocabulary.release import MASTER, MEDIA_CACHE, MPD, content_type_of
from nightreel.vocabulary.release_manifest import ReleaseFile
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import rendition_of, track_id

BASE = "hls/movies/7/"
RELEASE = "20261121T010000-0a1b2c3d"
SEGMENTS = ("stream_360p_000.m4s", "stream_360p_010.m4s", "audio_en_000.m4s")
TEXTS = {MASTER: "#EXTM3U\n", MPD: "<MPD/>"}


def key_of(name: str) -> str:
    rendition = rendition_of(name)
    if rendition is None:
        return BASE + name
    return track_prefix(Title("movie", "7"), track_id(rendition, RELEASE)) + name


def put(bucket: Bucket, name: str, content: bytes) -> None:
    bucket.put_bytes(key_of(name), content, content_type_of(name), MEDIA_CACHE)


@pytest.fixture
def public(bucket: Bucket, tmp_path: Path) -> Public:
    """A title as it should be, public."""
    for name, text in TEXTS.items():
        put(bucket, name, text.encode())
    for name in SEGMENTS:
        put(bucket, name, name.encode())
        (tmp_path / name).write_bytes(name.encode())
    return Public(
        {bucket.public_url_of(key_of(name)): text for name, text in TEXTS.items()},
        {bucket.public_url_of(key_of(name)): describe_file(tmp_path / name) for name in SEGMENTS},
    )


def test_what_is_public_as_it_was_published_is_nothing_to_tell(public: Public) -> None:
    assert read_back(public) == ()


@pytest.mark.parametrize("name", [MASTER, MPD])
def test_a_manifest_that_stays_that_of_before_is_told_after_its_time(
    public: Public, bucket: Bucket, name: str
) -> None:
    put(bucket, name, b"older")
    (told,) = read_back(public, stale_seconds=0.1)
    assert told == f"{bucket.public_url_of(BASE + name)} still answers with another release"


def test_a_manifest_that_a_cache_lets_go_of_in_its_time_is_nothing_to_tell(
    public: Public, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, MASTER, b"older")
    monkeypatch.setattr(
        "nightreel.releases.read_back.time.sleep", lambda _: put(bucket, MASTER, TEXTS[MASTER].encode())
    )
    assert read_back(public) == ()


@pytest.mark.parametrize("name", ["stream_360p_010.m4s", "audio_en_000.m4s"])
def test_a_segment_that_is_missing_or_another_is_told(public: Public, bucket: Bucket, name: str) -> None:
    put(bucket, name, b"of another film")
    assert "with different content" in read_back(public, stale_seconds=0.0)[0]
    bucket.delete([key_of(name)])
    (told,) = read_back(public, stale_seconds=0.0)
    assert told == f"{bucket.public_url_of(key_of(name))} answers HTTP 404"


def test_a_host_that_is_silent_is_asked_three_times(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("nightreel.releases.read_back.time.sleep", pauses.append)
    with pytest.raises(StorageUnavailable, match="could not be read back"):
        read_back(Public({"http://127.0.0.1:9/master.m3u8": "x"}, {}))
    assert len(pauses) == 2


def test_the_last_segment_of_each_rendition_is_looked_at() -> None:
    names = (
        "stream_360p_000.m4s",
        "stream_360p_1000.m4s",
        "stream_360p_999.m4s",
        "stream_720p_hevc_001.m4s",
        "audio_en_000.ts",
        "subs_en_002.vtt",
        "subs_en.vtt",
        "thumb_000.jpg",
        "stream_360p_init.mp4",
    )
    files = {f"https://{name}": ReleaseFile(name=name, size=1, sha256="", md5="") for name in names}
    looked_at = last_segments(files)
    assert list(looked_at) == [f"https://{file.name}" for file in looked_at.values()]
    assert [file.name for file in looked_at.values()] == [
        "stream_360p_1000.m4s",
        "stream_720p_hevc_001.m4s",
        "audio_en_000.ts",
        "subs_en_002.vtt",
    ]
