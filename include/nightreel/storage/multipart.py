"""A multipart upload: an object that is sent in parts, in any order, and appears when all are there."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nightreel.errors import NightreelError
from nightreel.storage.faults import translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LEAST_PART_BYTES = 5 << 20
"""The least size of every part but the last (Amazon S3, "Multipart upload limits"; R2 has the same)."""
MOST_PARTS = 10_000
_USUAL_PART_BYTES = 8 << 20
_MIB = 1 << 20


class UploadGone(NightreelError):
    """The bucket knows no such upload: it was completed, or aborted."""


@dataclass(frozen=True)
class Part:
    """One part, as the bucket has it. `number` counts from 1; size in bytes, ETag without its quotes."""

    number: int
    etag: str
    size: int


def part_bytes_for(size: int) -> int:
    """The size of the parts, in whole MiB, with which a file of up to `size` bytes fits into an upload.

    R2 requires that all parts have one size, except a shorter last one.
    """
    needed = -(-size // MOST_PARTS)
    return max(_USUAL_PART_BYTES, -(-needed // _MIB) * _MIB)


class MultipartUpload:
    """One upload that has begun; its id outlives this process.

    Every method raises UploadGone when the bucket does not know the upload, else what those
    of `Bucket` raise. Safe to share between threads.
    """

    def __init__(self, client: "S3Client", bucket: str, key: str, upload_id: str) -> None:
        self._client = client
        self._bucket = bucket
        self.key = key
        self.upload_id = upload_id

    @classmethod
    def begin(
        cls, client: "S3Client", bucket: str, key: str, content_type: str, cache_control: str
    ) -> "MultipartUpload":
        """Begins one in the bucket; its parts cost storage until it is completed or aborted."""
        with translated(bucket):
            answer = client.create_multipart_upload(
                Bucket=bucket, Key=key, ContentType=content_type, CacheControl=cache_control
            )
        return cls(client, bucket, key, answer["UploadId"])

    def put(self, number: int, data: bytes) -> Part:
        """Sends a part; one that was sent before is replaced."""
        with self._asked():
            answer = self._client.upload_part(
                Bucket=self._bucket, Key=self.key, UploadId=self.upload_id, PartNumber=number, Body=data
            )
        return Part(number, answer["ETag"].strip('"'), len(data))

    def parts(self) -> list[Part]:
        """The parts so far, by number. SeaweedFS also lists those that were replaced."""
        with self._asked():
            pages = self._client.get_paginator("list_parts").paginate(
                Bucket=self._bucket, Key=self.key, UploadId=self.upload_id
            )
            return [
                Part(part["PartNumber"], part["ETag"].strip('"'), part["Size"])
                for page in pages
                for part in page.get("Parts", [])
            ]

    def complete(self, parts: Sequence[Part]) -> None:
        """Makes the object from these parts, in the order of their numbers."""
        listed = sorted(parts, key=lambda part: part.number)
        with self._asked():
            self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self.key,
                UploadId=self.upload_id,
                MultipartUpload={
                    "Parts": [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in listed]
                },
            )

    def abort(self) -> None:
        """Deletes the parts. Safe to repeat."""
        with contextlib.suppress(UploadGone), self._asked():
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=self.key, UploadId=self.upload_id)

    @contextlib.contextmanager
    def _asked(self) -> Iterator[None]:
        with translated(self._bucket):
            try:
                yield
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchUpload":
                    raise
                raise UploadGone(f"the bucket {self._bucket!r} has no such upload of {self.key}") from error
