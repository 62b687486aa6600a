from pathlib import Path

import httpx
import pytest

from nightreel.errors import StorageUnavailable
from nightreel.releases.comparison import etag_of
from nightreel.releases.files import describe_file
from nightreel.releases.upload import upload_release, verify_upload
from nightreel.storage.bucket import PART_BYTES, Bucket
from nightreel.vocabulary.release import MANIFEST, MEDIA_CACHE, ReleaseManifest, release_prefix
from nightreel.vocabulary.title import Title
from tests.releases.conftest import RELEASE

PREFIX = release_prefix(Title("movie", "7"), RELEASE)


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


def test_an_uploaded_release_passes_the_comparison(
    bucket: Bucket, release_directory: Path, manifest: ReleaseManifest
) -> None:
    summary = upload_release(bucket, release_directory, manifest, PREFIX, threads=4)
    size = (release_directory / MANIFEST).stat().st_size
    assert (summary.files, summary.bytes) == (len(manifest.files) + 1, manifest.total_bytes + size)
    assert summary.skipped == 0
    verify_upload(bucket, release_directory, manifest, PREFIX)


def test_media_goes_first_then_the_manifests_and_the_release_file_last(
    bucket: Bucket, release_directory: Path, manifest: ReleaseManifest
) -> None:
    recorder = Recorder(bucket)
    upload_release(recorder, release_directory, manifest, PREFIX, threads=4)
    kinds = [Path(name).suffix in (".m3u8", ".mpd") for name in recorder.put[:-1]]
    assert recorder.put[-1] == MANIFEST
    assert kinds == sorted(kinds)
    assert kinds.count(True) == 3


@pytest.mark.rule("10.4")
def test_players_get_the_right_types_and_keep_the_files(
    bucket: Bucket, release_directory: Path, manifest: ReleaseManifest
) -> None:
    upload_release(bucket, release_directory, manifest, PREFIX, threads=4)
    for name, expected in {
        "stream_360p_000.m4s": "video/iso.segment",
        "stream_360p_init.mp4": "video/mp4",
        "stream_360p.m3u8": "application/vnd.apple.mpegurl",
        "manifest.mpd": "application/dash+xml",
    }.items():
        answer = httpx.get(bucket.public_url_of(PREFIX + name))
        assert answer.headers["Content-Type"] == expected
        assert answer.headers["Cache-Control"] == MEDIA_CACHE


def test_a_retry_sends_only_what_is_not_there_yet(
    bucket: Bucket, release_directory: Path, manifest: ReleaseManifest
) -> None:
    with pytest.raises(StorageUnavailable, match="cut"):
        upload_release(
            Recorder(bucket, breaks_at="stream_360p.m3u8"), release_directory, manifest, PREFIX, threads=1
        )
    bucket.put_bytes(f"{PREFIX}stream_360p_000.m4s", b"half a segment", "video/iso.segment", "no-store")
    recorder = Recorder(bucket)
    summary = upload_release(recorder, release_directory, manifest, PREFIX, threads=1)
    assert summary.skipped > 0
    assert "stream_360p_001.m4s" not in recorder.put
    assert {"stream_360p_000.m4s", "stream_360p.m3u8", MANIFEST} <= set(recorder.put)
    verify_upload(bucket, release_directory, manifest, PREFIX)


def test_a_broken_upload_never_leaves_a_release_file(
    bucket: Bucket, release_directory: Path, manifest: ReleaseManifest
) -> None:
    with pytest.raises(StorageUnavailable):
        upload_release(
            Recorder(bucket, breaks_at="stream_360p_002.m4s"), release_directory, manifest, PREFIX, threads=4
        )
    assert bucket.head(PREFIX + MANIFEST) is None
    assert bucket.head(PREFIX + "stream_360p.m3u8") is None


def test_progress_counts_every_file_and_byte(
    bucket: Bucket, release_directory: Path, manifest: ReleaseManifest
) -> None:
    seen: list[tuple[int, int, int]] = []
    upload_release(bucket, release_directory, manifest, PREFIX, 4, lambda *now: seen.append(now))
    total = manifest.total_bytes + (release_directory / MANIFEST).stat().st_size
    count = len(manifest.files) + 1
    assert [done for done, _, _ in seen] == list(range(1, count + 1))
    assert seen[-1] == (count, count, total)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (
            lambda bucket: bucket.delete([f"{PREFIX}stream_360p_001.m4s"]),
            r"1 missing \(stream_360p_001.m4s\)",
        ),
        (lambda bucket: bucket.delete([PREFIX + MANIFEST]), r"1 missing \(release.json\)"),
        (
            lambda bucket: bucket.put_bytes(f"{PREFIX}left_over.m4s", b"", "video/iso.segment", "no-store"),
            r"1 extra \(left_over.m4s\)",
        ),
        (
            lambda bucket: bucket.put_bytes(
                f"{PREFIX}stream_360p_001.m4s", b"short", "video/iso.segment", "no-store"
            ),
            r"1 of a wrong size \(stream_360p_001.m4s\)",
        ),
        (
            lambda bucket: bucket.put_bytes(
                f"{PREFIX}stream_360p_001.m4s", b"\0" * 1001, "video/iso.segment", "no-store"
            ),
            r"1 with a wrong checksum \(stream_360p_001.m4s\)",
        ),
        (
            lambda bucket: bucket.delete([f"{PREFIX}stream_360p_{number:03d}.m4s" for number in range(4)]),
            r"4 missing \(stream_360p_000.m4s, stream_360p_001.m4s, stream_360p_002.m4s, …\)",
        ),
    ],
)
def test_a_bucket_that_differs_from_the_release_is_told_apart(
    bucket: Bucket, release_directory: Path, manifest: ReleaseManifest, damage, sentence: str
) -> None:
    upload_release(bucket, release_directory, manifest, PREFIX, threads=4)
    damage(bucket)
    with pytest.raises(StorageUnavailable, match=sentence):
        verify_upload(bucket, release_directory, manifest, PREFIX)


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
