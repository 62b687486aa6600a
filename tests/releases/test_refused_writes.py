"""A bucket that holds a prefix fast, or refuses the key pair: told apart, with the key and the cure."""

from typing import Any

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse

from nightreel.errors import ConfigurationError
from nightreel.storage.bucket import Bucket
from tests.releases.conftest import Finished


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
    bucket: Bucket, finished: Finished, status: int, code: str
) -> None:
    refuse(bucket, "hls/", status, code)
    with pytest.raises(ConfigurationError) as raised:
        finished.upload(bucket, threads=1)
    assert any(repr(each.key) in str(raised.value) for each in finished.files)
    assert "a bucket lock, a retention rule or a policy" in str(raised.value)
    assert "R2_ACCESS_KEY_ID" not in str(raised.value)


def test_a_key_pair_that_may_write_nothing_is_named(bucket: Bucket, finished: Finished) -> None:
    refuse(bucket, "", 403, "AccessDenied")
    with pytest.raises(ConfigurationError, match="R2_ACCESS_KEY_ID"):
        finished.upload(bucket, threads=1)


def test_what_a_lock_keeps_from_being_deleted_is_told_as_that(bucket: Bucket, finished: Finished) -> None:
    key = finished.manifest.key_of("master.m3u8")
    bucket.put_bytes(key, b"#EXTM3U", "text/plain", "no-store")
    refuse(bucket, "hls/", 409, "ObjectLockedByBucketPolicy")
    with pytest.raises(ConfigurationError, match="a bucket lock or a retention rule"):
        bucket.delete([key])
