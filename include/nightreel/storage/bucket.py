"""One bucket of an S3 service, with errors sorted by what to do about them.

R2 is the reference: ETag = MD5 for everything below one part.
"""

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from nightreel.errors import ConfigurationError, ObjectChanged
from nightreel.storage.faults import is_missing, translated
from nightreel.storage.fenced import Ask, FencedObject, ask_before_sending
from nightreel.storage.multipart import MultipartUpload
from nightreel.storage.objects import ObjectInfo, OpenObject
from nightreel.storage.reading import read_whole

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef

PIECE_BYTES = 1 << 20
PART_BYTES = 64 << 20
"""Larger files are uploaded in parts of this size, and their ETag is no plain MD5."""

_TRANSFER = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=4)
_DELETE_THREADS = 8
_NO_SUCH_RANGE = {"416", "InvalidRange"}


class Bucket:
    """A bucket and the public URL under which its objects are read.

    Every method raises StorageUnavailable when the service does not answer, is overloaded
    or sends different bytes each time, and ConfigurationError, naming the setting, when it
    refuses the key pair or does not know the bucket. Safe to share between threads.
    """

    def __init__(self, client: "S3Client", name: str, public_url: str) -> None:
        if not name:
            raise ConfigurationError("R2_BUCKET_NAME is not set; set it to the bucket of the streams")
        self._client = client
        ask_before_sending(client)
        self.name = name
        self.public_url = public_url.rstrip("/")

    def public_url_of(self, key: str) -> str:
        """The URL under which players read an object."""
        return f"{self.public_url}/{quote(key)}"

    def ensure_exists(self) -> None:
        """Create the bucket unless it is there."""
        with translated(self.name):
            try:
                self._client.head_bucket(Bucket=self.name)
            except ClientError as error:
                if not is_missing(error):
                    raise
                self._client.create_bucket(Bucket=self.name)

    def put_bytes(self, key: str, data: bytes, content_type: str, cache_control: str) -> None:
        """Writes an object whole. Raises StorageUnavailable, and ConfigurationError when it is refused."""
        with translated(self.name):
            self._client.put_object(
                Bucket=self.name, Key=key, Body=data, ContentType=content_type, CacheControl=cache_control
            )

    def put_file(
        self,
        path: Path,
        key: str,
        content_type: str,
        cache_control: str,
        *,
        sent: Callable[[int], None] | None = None,
    ) -> None:
        """Upload a file, reading it piece by piece; in parallel parts from 64 MiB on.

        `sent` is told, from several threads, how many bytes were sent since its last call.
        """
        with translated(self.name):
            if path.stat().st_size < PART_BYTES:
                with path.open("rb") as body:
                    self._client.put_object(
                        Bucket=self.name,
                        Key=key,
                        Body=body,
                        ContentType=content_type,
                        CacheControl=cache_control,
                    )
                if sent is not None:
                    sent(path.stat().st_size)
                return
            try:
                self._client.upload_file(
                    str(path),
                    self.name,
                    key,
                    ExtraArgs={"ContentType": content_type, "CacheControl": cache_control},
                    Config=_TRANSFER,
                    Callback=sent,
                )
            except S3UploadFailedError as error:
                # boto3 wraps the service's answer in a text.
                raise (error.__context__ or error) from None

    def head(self, key: str) -> ObjectInfo | None:
        """The object's listing entry; None when there is no such object."""
        with translated(self.name):
            try:
                answer = self._client.head_object(Bucket=self.name, Key=key)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
            return ObjectInfo(key, answer["ContentLength"], answer["ETag"].strip('"'), answer["LastModified"])

    def checksums(self, key: str) -> dict[str, str]:
        """The checksums that the bucket keeps of the object, in Base64, by S3's names (`ChecksumSHA256`)."""
        with translated(self.name):
            answer = self._client.head_object(Bucket=self.name, Key=key, ChecksumMode="ENABLED")
            return {name: str(value) for name, value in answer.items() if name.startswith("Checksum")}

    @contextlib.contextmanager
    def open(self, key: str, begins_at: int = 0, etag: str | None = None) -> Iterator[OpenObject | None]:
        """The object, opened for reading from this byte on; None when there is none.

        Raises ObjectChanged when its ETag differs from the one given, or when it has no such byte.
        """
        wanted: GetObjectRequestTypeDef = {"Bucket": self.name, "Key": key}
        if begins_at:
            wanted["Range"] = f"bytes={begins_at}-"
        if etag is not None:
            wanted["IfMatch"] = f'"{etag}"'
        with translated(self.name):
            try:
                answer = self._client.get_object(**wanted)
            except ClientError as error:
                if is_missing(error):
                    yield None
                    return
                if error.response["Error"]["Code"] in _NO_SUCH_RANGE:
                    raise ObjectChanged("the object is shorter than it was") from None
                raise
            if begins_at and "ContentRange" not in answer:
                raise ObjectChanged("the service sends the whole object when asked for a part")
            size = begins_at + answer["ContentLength"]
            info = ObjectInfo(key, size, answer["ETag"].strip('"'), answer["LastModified"])
            with contextlib.closing(answer["Body"]) as body:
                yield OpenObject(info, body.iter_chunks(PIECE_BYTES))

    def get_bytes(self, key: str) -> bytes | None:
        """The whole of a small object; None when there is none."""
        content = BytesIO()
        found = read_whole(self.open, key, f"{key} in the bucket {self.name}", content)
        return None if found is None else content.getvalue()

    def download(self, key: str, path: Path, sha256: str = "") -> ObjectInfo | None:
        """Write the object to `path`, whole or not at all; None when there is none.

        If a SHA-256 is given in hex, only bytes that match it are accepted.
        """
        partial = path.with_name(f"{path.name}.part")
        try:
            with partial.open("wb") as stream:
                info = read_whole(self.open, key, f"{key} in the bucket {self.name}", stream, sha256)
            if info is not None:
                partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return info

    def fenced(self, key: str, ask: Ask) -> FencedObject:
        """The object as it is now. It changes only if nobody else has changed it and `ask` does not raise."""
        return FencedObject(self._client, self.name, key, ask)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, by key."""
        with translated(self.name):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
            for page in pages:
                for item in page.get("Contents", []):
                    yield ObjectInfo(item["Key"], item["Size"], item["ETag"].strip('"'), item["LastModified"])

    def prefixes(self, prefix: str) -> Iterator[str]:
        """The folders directly under `prefix`, as whole prefixes with a slash at the end."""
        with translated(self.name):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=prefix, Delimiter="/"
            )
            for page in pages:
                for common in page.get("CommonPrefixes", []):
                    yield common["Prefix"]

    def delete(self, keys: Iterable[str]) -> int:
        """Delete the objects, whether they exist or not; returns the number of keys.

        Sends one request each: the batch request needs a checksum header on which S3 services differ.
        """
        with ThreadPoolExecutor(_DELETE_THREADS) as threads:
            return sum(threads.map(self._delete_one, keys))

    def _delete_one(self, key: str) -> int:
        with translated(self.name):
            self._client.delete_object(Bucket=self.name, Key=key)
        return 1

    def begin_upload(self, key: str, content_type: str, cache_control: str) -> MultipartUpload:
        """A new upload whose parts the caller sends."""
        return MultipartUpload.begin(self._client, self.name, key, content_type, cache_control)

    def upload(self, key: str, upload_id: str) -> MultipartUpload:
        """An upload that began earlier."""
        return MultipartUpload(self._client, self.name, key, upload_id)

    def abort_uploads(
        self,
        older_than: timedelta,
        prefix: str,
        spared: Collection[str] = (),
        ours: Callable[[str], bool] = lambda _: True,
    ) -> int:
        """Abort multipart uploads under `prefix` that began longer ago; returns how many.

        Uploads with `spared` ids are kept, and those of keys that are not `ours`. There is no default
        prefix, because a bucket may be shared with other applications.
        """
        limit = datetime.now(UTC) - older_than
        with translated(self.name):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self.name, Prefix=prefix
            )
            abandoned = [
                self.upload(upload["Key"], upload["UploadId"])
                for page in pages
                for upload in page.get("Uploads", [])
                if upload["Initiated"] <= limit and upload["UploadId"] not in spared and ours(upload["Key"])
            ]
        for upload in abandoned:
            upload.abort()
        return len(abandoned)
