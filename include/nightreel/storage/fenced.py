"""An object that several processes may want to write, and that none changes too late.

Three things keep a process that was stopped and woke late from changing anything:

- the request is conditional on what was read (If-Match, If-None-Match; RFC 9110, 13.1), so it
  is refused once anybody else has written;
- `ask` is called when the request is signed and about to be sent, again for each try, so that
  it is not sent once what gave the right to it is gone;
- a signature holds for `SIGNATURE_LIFE`, so a process that is stopped after the question still
  changes nothing afterwards.

What is left is a process that is stopped exactly between the question and the request, for less
than that, while the object comes to be again as it was read: a first publishing, and meanwhile
another run's, and that one withdrawn; or a later one, and housekeeping leads back to the release
before. Its request succeeds. So what it leads to is kept for `LATE_WRITES` (`catalog.releases`),
and housekeeping puts the object right until then and once after: the wrong release plays for an
interval of housekeeping, and nobody is ever led to what is gone.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

from botocore.exceptions import ClientError

from nightreel.errors import ObjectChanged
from nightreel.storage.faults import is_missing, is_unknown, translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Ask: TypeAlias = Callable[[], None]
"""Raises unless the right to write is still there."""

_asked: ContextVar[Ask | None] = ContextVar("asked", default=None)


def ask_before_sending(client: "S3Client") -> None:
    """Makes objects of this client call `ask` before each request. Safe to repeat."""
    client.meta.events.register("before-send.s3", _ask, unique_id="nightreel-fenced")


def _ask(**_: Any) -> None:
    if (ask := _asked.get()) is None:
        return
    # What the question itself may send is not fenced.
    token = _asked.set(None)
    try:
        ask()
    finally:
        _asked.reset(token)


class FencedObject:
    """An object as it was read, for one change. `content` is None where there is none.

    Every method raises what `ask` raises, and otherwise what those of `Bucket` raise.
    """

    def __init__(self, client: "S3Client", bucket: str, key: str, ask: Ask) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._ask = ask
        self.content, self._etag = self._read()

    def replace(self, content: bytes, content_type: str, cache_control: str) -> None:
        """Writes the object, unless it has this content already.

        Raises ObjectChanged when it is no longer what was read.
        """
        if self.content == content:
            return
        condition = {"IfNoneMatch": "*"} if self._etag is None else {"IfMatch": self._etag}
        try:
            self._send(
                self._client.put_object,
                Body=content,
                ContentType=content_type,
                CacheControl=cache_control,
                **condition,
            )
        except ObjectChanged:
            # The answer to an earlier try may have been lost: then it changed to what it should be.
            if self._read()[0] != content:
                raise

    def delete(self) -> None:
        """Deletes the object, if there was one. Raises ObjectChanged as `replace` does."""
        if self._etag is None:
            return
        try:
            self._send(self._client.delete_object, IfMatch=self._etag)
        except ObjectChanged:
            if self._read()[1] is not None:
                raise

    def _read(self) -> tuple[bytes | None, str | None]:
        with translated(self._bucket):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._key)
            except ClientError as error:
                if is_missing(error):
                    return None, None
                raise
            # The ETag goes back as it came: with its quotes.
            return answer["Body"].read(), answer["ETag"]

    def _send(self, operation: Callable[..., Any], **arguments: Any) -> None:
        token = _asked.set(self._ask)
        try:
            with translated(self._bucket):
                try:
                    operation(Bucket=self._bucket, Key=self._key, **arguments)
                except ClientError as error:
                    if is_missing(error):
                        raise ObjectChanged(
                            f"{self._key} is gone from the bucket {self._bucket!r}"
                        ) from error
                    if not is_unknown(error):
                        raise
                    # Only deleting on a condition is unknown to some services. The question remains.
                    arguments.pop("IfMatch", None)
                    operation(Bucket=self._bucket, Key=self._key, **arguments)
        finally:
            _asked.reset(token)
