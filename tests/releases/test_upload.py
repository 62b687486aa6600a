from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from nightreel.errors import StorageUnavailable
from nightreel.releases.comparison import etag_of
from nightreel.releases.files import describe_file
from nightreel.releases.upload import upload_files, verify_presence, verify_upload
from nightreel.storage.bucket import PART_BYTES, Bucket
from nightreel.vocabulary.layout import flat_prefix, release_prefix, track_prefix
from nightreel.vocabulary.release import MANIFEST, MASTER, MEDIA_CACHE, MPD, POSTER
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import track_id
from tests.releases.conftest import RELEASE, Finished

TITLE = Title("movie", "7")
PREFIX = release_prefix(TITLE, RELEASE)
TRACK = track_prefix(TITLE, track_id("360p", RELEASE))


class Recorder(Bucket):
    """The real bucket, that remembers which keys were put, and breaks at one of them."""

    def __init__(self, bucket: Bucket, breaks_at: str = "") -> None:
        super().__init__(bucket._client, bucket.name, bucket.public_url)
        self.put: list[str] = []
        self._breaks_at = breaks_at

    def put_file(self, path: Path, key: str, content_type: str, cache_control: str) -> None:
        if path.name == self._breaks_at:
            raise StorageUnavailable("the line is cut")
        super().put_file(path, key, content_type, cache_control)
        self.put.append(path.name)


def test_an_uploaded_release_passes_the_comparison(bucket: Bucket, finished: Finished) -> None:
    summary = finished.upload(bucket)
    size = (finished.manifests / MANIFEST).stat().st_size
    assert (summary.files, summary.bytes) == (
        len(finished.manifest.files) + 1,
        finished.manifest.total_bytes + size,
    )
    assert summary.skipped == 0
    verify_upload(bucket, finished.files)


def test_each_rendition_has_a_folder_of_its_own_and_the_manifests_have_another(
    bucket: Bucket, finished: Finished
) -> None:
    finished.upload(bucket)
    sound, stills = (track_prefix(TITLE, track_id(name, RELEASE)) for name in ("audio_en", "stills"))
    picture = {"stream_360p.m3u8", "iframe_360p.m3u8", "stream_360p_init.mp4"}
    picture |= {f"stream_360p_{number:03d}.m4s" for number in range(4)}
    assert {item.key for item in bucket.list("")} == {
        *(PREFIX + name for name in (MASTER, MPD, MANIFEST)),
        *(TRACK + name for name in picture),
        *(sound + name for name in ("audio_en.m3u8", "audio_en_init.mp4", "audio_en_000.m4s")),
        stills + POSTER,
    }


def test_what_is_uploaded_of_a_flat_release_lies_in_one_folder(bucket: Bucket, finished: Finished) -> None:
    manifest = finished.manifest.model_copy(update={"tracks": {}})
    (finished.manifests / MANIFEST).write_text(manifest.model_dump_json())
    flat = Finished(manifest, finished.tracks, finished.manifests)
    flat.upload(bucket)
    verify_upload(bucket, flat.files)
    names = {MANIFEST, *(file.name for file in manifest.files)}
    assert {item.key for item in bucket.list("")} == {flat_prefix(TITLE, RELEASE) + name for name in names}


def test_media_goes_first_then_the_manifests_and_the_release_file_last(
    bucket: Bucket, finished: Finished
) -> None:
    recorder = Recorder(bucket)
    finished.upload(recorder)
    kinds = [Path(name).suffix in (".m3u8", ".mpd") for name in recorder.put[:-1]]
    assert recorder.put[-1] == MANIFEST
    assert kinds == sorted(kinds)
    assert kinds.count(True) == 5


@pytest.mark.rule("10.4")
def test_players_get_the_right_types_and_keep_the_files(bucket: Bucket, finished: Finished) -> None:
    finished.upload(bucket)
    for name, expected in {
        "stream_360p_000.m4s": "video/iso.segment",
        "stream_360p_init.mp4": "video/mp4",
        "stream_360p.m3u8": "application/vnd.apple.mpegurl",
        "master.m3u8": "application/vnd.apple.mpegurl",
        "manifest.mpd": "application/dash+xml",
    }.items():
        answer = httpx.get(bucket.public_url_of(finished.manifest.key_of(name)))
        assert answer.headers["Content-Type"] == expected
        assert answer.headers["Cache-Control"] == MEDIA_CACHE


def test_a_retry_sends_only_what_is_not_there_yet(bucket: Bucket, finished: Finished) -> None:
    with pytest.raises(StorageUnavailable, match="cut"):
        finished.upload(Recorder(bucket, breaks_at="stream_360p.m3u8"), threads=1)
    bucket.put_bytes(f"{TRACK}stream_360p_000.m4s", b"half a segment", "video/iso.segment", "no-store")
    recorder = Recorder(bucket)
    summary = finished.upload(recorder, threads=1)
    assert summary.skipped > 0
    assert "stream_360p_001.m4s" not in recorder.put
    assert {"stream_360p_000.m4s", "stream_360p.m3u8", MANIFEST} <= set(recorder.put)
    verify_upload(bucket, finished.files)


def test_a_broken_upload_never_leaves_a_release_file(bucket: Bucket, finished: Finished) -> None:
    with pytest.raises(StorageUnavailable):
        finished.upload(Recorder(bucket, breaks_at="stream_360p_002.m4s"))
    for name in (MANIFEST, MASTER, MPD, "stream_360p.m3u8"):
        assert bucket.head(finished.manifest.key_of(name)) is None


def test_progress_counts_every_file_and_byte(bucket: Bucket, finished: Finished) -> None:
    seen: list[tuple[int, int, int]] = []
    upload_files(bucket, finished.files, 4, lambda *now: seen.append(now))
    total = finished.manifest.total_bytes + (finished.manifests / MANIFEST).stat().st_size
    count = len(finished.manifest.files) + 1
    assert [done for done, _, _ in seen] == list(range(1, count + 1))
    assert seen[-1] == (count, count, total)


def put(bucket: Bucket, key: str, content: bytes) -> None:
    bucket.put_bytes(key, content, "video/iso.segment", "no-store")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (
            lambda bucket: bucket.delete([f"{TRACK}stream_360p_001.m4s"]),
            r"1 missing \(stream_360p_001.m4s\)",
        ),
        (lambda bucket: bucket.delete([PREFIX + MANIFEST]), r"1 missing \(release.json\)"),
        (lambda bucket: put(bucket, f"{TRACK}left_over.m4s", b""), r"1 extra \(left_over.m4s\)"),
        (lambda bucket: put(bucket, f"{PREFIX}left_over.m4s", b""), r"1 extra \(left_over.m4s\)"),
        (
            lambda bucket: put(bucket, f"{TRACK}stream_360p_001.m4s", b"short"),
            r"1 of a wrong size \(stream_360p_001.m4s\)",
        ),
        (
            lambda bucket: put(bucket, f"{TRACK}stream_360p_001.m4s", b"\0" * 1001),
            r"1 with a wrong checksum \(stream_360p_001.m4s\)",
        ),
        (
            lambda bucket: bucket.delete([f"{TRACK}stream_360p_{number:03d}.m4s" for number in range(4)]),
            r"4 missing \(stream_360p_000.m4s, stream_360p_001.m4s, stream_360p_002.m4s, …\)",
        ),
    ],
)
def test_a_bucket_that_differs_from_the_release_is_told_apart(
    bucket: Bucket, finished: Finished, damage: Callable[[Bucket], object], sentence: str
) -> None:
    finished.upload(bucket)
    damage(bucket)
    with pytest.raises(StorageUnavailable, match=sentence):
        verify_upload(bucket, finished.files)


def test_tracks_that_are_there_by_name_and_size_are_present(bucket: Bucket, finished: Finished) -> None:
    finished.upload(bucket)
    put(bucket, f"{TRACK}stream_360p_001.m4s", b"\0" * 1001)
    verify_presence(bucket, finished.manifest)


def test_tracks_that_releases_share_are_looked_for_where_they_are(bucket: Bucket, finished: Finished) -> None:
    finished.upload(bucket)
    later = "20261122T010000-0a1b2c3d"
    shared = finished.manifest.model_copy(update={"release": later, "made_for": RELEASE})
    with pytest.raises(StorageUnavailable, match=r"2 missing \(manifest.mpd, master.m3u8\)"):
        verify_presence(bucket, shared)
    for name in (MASTER, MPD):
        put(bucket, shared.key_of(name), (finished.manifests / name).read_bytes())
    verify_presence(bucket, shared)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (
            lambda bucket: bucket.delete([f"{TRACK}stream_360p_001.m4s"]),
            r"1 missing \(stream_360p_001.m4s\)",
        ),
        (lambda bucket: bucket.delete([PREFIX + MPD]), r"1 missing \(manifest.mpd\)"),
        (
            lambda bucket: put(bucket, f"{TRACK}stream_360p_001.m4s", b"short"),
            r"1 of a wrong size \(stream_360p_001.m4s\)",
        ),
        (
            lambda bucket: bucket.delete([item.key for item in bucket.list(TRACK)]),
            r"7 missing \(iframe_360p.m3u8, stream_360p.m3u8, stream_360p_000.m4s, …\)",
        ),
    ],
)
def test_tracks_that_are_not_all_there_are_told(
    bucket: Bucket, finished: Finished, damage: Callable[[Bucket], object], sentence: str
) -> None:
    finished.upload(bucket)
    damage(bucket)
    with pytest.raises(StorageUnavailable, match=sentence):
        verify_presence(bucket, finished.manifest)


@pytest.mark.parametrize("size", [PART_BYTES - 1, PART_BYTES, PART_BYTES * 2 + 5])
def test_the_expected_etag_is_the_one_that_the_server_gives(
    bucket: Bucket, tmp_path: Path, size: int
) -> None:
    path = tmp_path / "segment.m4s"
    with path.open("wb") as stream:
        stream.truncate(size)
        stream.write(b"not only zeros")
        stream.truncate(size)
    bucket.put_file(path, "segment.m4s", "video/iso.segment", "no-store")
    found = bucket.head("segment.m4s")
    assert found is not None
    assert found.etag == etag_of(describe_file(path), path)
