"""Objects that come in parts."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import ConfigurationError
from nightreel.storage.bucket import Bucket
from nightreel.storage.multipart import (
    LEAST_PART_BYTES,
    MOST_PARTS,
    MultipartUpload,
    UploadGone,
    part_bytes_for,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "sources/uploads/film.mp4"
FIRST, SECOND, LAST = (bytes([number]) * LEAST_PART_BYTES for number in (1, 2, 3))


@pytest.fixture
def upload(bucket: Bucket) -> MultipartUpload:
    return bucket.begin_upload(KEY, "video/mp4", "no-cache")


def test_parts_sent_in_any_order_become_one_object(bucket: Bucket, upload: MultipartUpload) -> None:
    sent = [upload.put(3, b"end"), upload.put(1, FIRST), upload.put(2, SECOND)]
    assert bucket.head(KEY) is None
    assert upload.parts() == sorted(sent, key=lambda part: part.number)
    upload.complete(sent)
    assert bucket.get_bytes(KEY) == FIRST + SECOND + b"end"


def test_an_upload_goes_on_by_its_id_alone(bucket: Bucket, upload: MultipartUpload) -> None:
    first = upload.put(1, FIRST)
    again = bucket.upload(KEY, upload.upload_id)
    again.complete([*again.parts(), again.put(2, b"end")])
    assert first.size == LEAST_PART_BYTES
    assert bucket.get_bytes(KEY) == FIRST + b"end"


def test_of_a_part_sent_twice_that_one_is_taken_that_is_named(
    bucket: Bucket, upload: MultipartUpload
) -> None:
    upload.put(1, LAST)
    upload.complete([upload.put(1, FIRST), upload.put(2, b"end")])
    assert bucket.get_bytes(KEY) == FIRST + b"end"


def test_the_object_is_of_the_type_that_was_said(
    bucket: Bucket, upload: MultipartUpload, s3_client: "S3Client"
) -> None:
    upload.complete([upload.put(1, b"all")])
    assert s3_client.head_object(Bucket=bucket.name, Key=KEY)["ContentType"] == "video/mp4"


def test_what_is_aborted_is_gone_and_aborting_again_is_harmless(
    bucket: Bucket, upload: MultipartUpload
) -> None:
    part = upload.put(1, b"all")
    upload.abort()
    upload.abort()
    for asked in (upload.parts, lambda: upload.put(2, b"more"), lambda: upload.complete([part])):
        with pytest.raises(UploadGone):
            asked()
    assert bucket.head(KEY) is None


def test_uploads_that_are_spared_go_on_however_old_they_are(bucket: Bucket, upload: MultipartUpload) -> None:
    other = bucket.begin_upload("sources/uploads/other.mp4", "video/mp4", "no-cache")
    assert bucket.abort_uploads(timedelta(minutes=-1), "sources/", spared={upload.upload_id}) == 1
    upload.put(1, b"all")
    with pytest.raises(UploadGone):
        other.put(1, b"all")


def test_a_bucket_that_is_not_there_is_named(s3_client: "S3Client") -> None:
    with pytest.raises(ConfigurationError, match="R2_BUCKET_NAME"):
        Bucket(s3_client, "media-nowhere", "").begin_upload(KEY, "video/mp4", "no-cache")


@given(size=st.integers(1, 5 << 40))
def test_a_file_of_any_size_fits_into_the_parts_chosen_for_it(size: int) -> None:
    part = part_bytes_for(size)
    assert part >= LEAST_PART_BYTES
    assert -(-size // part) <= MOST_PARTS
