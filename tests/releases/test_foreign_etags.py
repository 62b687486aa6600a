"""A bucket whose ETags are no digests of what was sent, as where a key service encrypts (SSE-KMS)."""

import base64
import hashlib
from typing import Any

import pytest

from nightreel.errors import StorageUnavailable
from nightreel.releases.upload import verify_upload
from nightreel.storage.bucket import Bucket
from tests.releases.conftest import Finished

DAMAGED = "stream_360p_002.m4s"


@pytest.fixture
def encrypting(bucket: Bucket) -> Bucket:
    """The real store, but for the ETags of its listings: of the right shape, and of nothing else."""

    def other(parsed: dict[str, Any], **_: Any) -> None:
        for item in parsed.get("Contents", []):
            item["ETag"] = f'"{hashlib.md5(item["ETag"].encode()).hexdigest()}"'

    bucket._client.meta.events.register("after-call.s3.ListObjectsV2", other)
    return bucket


def damage(bucket: Bucket, finished: Finished, at: int) -> None:
    content = bytearray((finished.tracks / DAMAGED).read_bytes())
    content[at] ^= 1
    key = finished.manifest.key_of(DAMAGED)
    bucket.put_bytes(key, bytes(content), "video/iso.segment", "no-store")


def test_a_release_in_it_passes_the_comparison_and_is_not_sent_again(
    encrypting: Bucket, finished: Finished
) -> None:
    finished.upload(encrypting)
    verify_upload(encrypting, finished.files)
    again = finished.upload(encrypting)
    assert (again.files, again.skipped) == (0, len(finished.manifest.files) + 1)


@pytest.mark.parametrize("at", [0, 500, -1])
def test_what_is_another_file_in_it_is_found_by_its_bytes(
    encrypting: Bucket, finished: Finished, at: int
) -> None:
    finished.upload(encrypting)
    damage(encrypting, finished, at)
    with pytest.raises(StorageUnavailable, match=r"1 with a wrong checksum \(stream_360p_002\.m4s\)"):
        verify_upload(encrypting, finished.files)
    assert finished.upload(encrypting).files == 1


@pytest.mark.parametrize("kept", ["ChecksumSHA256", "ChecksumCRC32"])
def test_a_checksum_that_the_bucket_keeps_decides_without_a_byte_read_back(
    encrypting: Bucket, finished: Finished, kept: str
) -> None:
    def told(parsed: dict[str, Any], **_: Any) -> None:
        parsed[kept] = base64.b64encode(bytes(32 if kept == "ChecksumSHA256" else 4)).decode()

    finished.upload(encrypting)
    encrypting._client.meta.events.register("after-call.s3.HeadObject", told)
    # The bytes are right, and what the bucket says of them is not.
    with pytest.raises(StorageUnavailable, match=r"with a wrong checksum"):
        verify_upload(encrypting, finished.files)


def test_where_one_etag_is_a_digest_another_that_differs_is_another_file(
    bucket: Bucket, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished.upload(bucket)
    damage(bucket, finished, 500)
    monkeypatch.setattr(Bucket, "checksums", lambda *_: pytest.fail("nothing more is to be asked"))
    with pytest.raises(StorageUnavailable, match="with a wrong checksum"):
        verify_upload(bucket, finished.files)
