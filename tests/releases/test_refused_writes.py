"""A bucket that holds a prefix fast, or refuses the key pair: told apart, with the key and the cure."""

from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse

from nightreel.errors import ConfigurationError
from nightreel.releases.upload import upload_release
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.release import ReleaseManifest, release_prefix
from nightreel.vocabulary.title import Title
from tests.releases.conftest import RELEASE

PREFIX = release_prefix(Title("movie", "7"), RELEASE)


def refuse(bucket: Bucket, prefix: str, status: int, code: str) -> None:
    """The real store, but for its answer to what is written or deleted under a prefix."""

    def answer(request: AWSRequest, **_: Any) -> AWSResponse | None:
        if request.method not in ("PUT", "DELETE") or f"/{bucket.name}/{prefix}" not in request.url:
            return None
        body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()

        class Raw:
            def stream(self, *_: Any) -> list[bytes]:
                return [body]

        return AWSResponse(request.url, status, {"Content-Type": "application/xml"}, Raw())

    bucket._client.meta.events.register("before-send.s3", answer)


@pytest.mark.parametrize(
    ("status", "code"), [(403, "AccessDenied"), (409, "ObjectLockedByBucketPolicy"), (409, "409")]
)
def test_a_lock_on_the_prefix_is_named_with_the_key_and_is_no_fault_of_the_key_pair(
    bucket: Bucket, release_directory: Path, manifest: ReleaseManifest, status: int, code: str
) -> None:
    refuse(bucket, "hls/", status, code)
    with pytest.raises(ConfigurationError) as raised:
        upload_release(bucket, release_directory, manifest, PREFIX, threads=1)
    assert f"{PREFIX}stream_360p_" in str(raised.value)
    assert "a bucket lock, a retention rule or a policy" in str(raised.value)
    assert "R2_ACCESS_KEY_ID" not in str(raised.value)


def test_a_key_pair_that_may_write_nothing_is_named(
    bucket: Bucket, release_directory: Path, manifest: ReleaseManifest
) -> None:
    refuse(bucket, "", 403, "AccessDenied")
    with pytest.raises(ConfigurationError, match="R2_ACCESS_KEY_ID"):
        upload_release(bucket, release_directory, manifest, PREFIX, threads=1)


def test_what_a_lock_keeps_from_being_deleted_is_told_as_that(bucket: Bucket) -> None:
    bucket.put_bytes(f"{PREFIX}master.m3u8", b"#EXTM3U", "text/plain", "no-store")
    refuse(bucket, "hls/", 409, "ObjectLockedByBucketPolicy")
    with pytest.raises(ConfigurationError, match="a bucket lock or a retention rule"):
        bucket.delete([f"{PREFIX}master.m3u8"])
