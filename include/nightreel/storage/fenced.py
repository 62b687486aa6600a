"""An object that several processes may want to write, and that none may change too late.

Three things keep a process that was stopped and woke up late from changing anything:

- The request is conditional on what was read (If-Match, If-None-Match; RFC 9110, 13.1), so it is
  refused once anybody else has written.
- `ask` is called when the request is signed and about to be sent, again for each try, so that the
  request is not sent once the right to it is gone.
- A signature is valid for `SIGNATURE_LIFE`, so a process that is stopped after the question and wakes
  up later than that changes nothing.

One case is left: a process is stopped exactly between question and request, for less than that time,
and meanwhile the object becomes again what was read. That happens at a first publication, if another
run publishes and its release is withdrawn; or later, if housekeeping leads back to the release before.
Then the late request succeeds. So what it leads to is kept for `LATE_WRITES` (`catalog.releases`), and
housekeeping corrects the object during that time and once after it: the wrong release plays until the
next housekeeping, but nobody is ever led to a deleted one.
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
"""Raises if the right to write is gone."""

_asked: ContextVar[Ask | None] = ContextVar("asked", default=None)


def ask_before_sending(client: "S3Client") -> None:
    """Makes objects of this client call `ask` before each request. Safe to repeat."""
    client.meta.events.register("before-send.s3", _ask, unique_id="nightreel-fenced")


def _ask(**_: Any) -> None:
    if (ask := _asked.get()) is None:
        return
    # Requests that the question itself sends are not fenced.
    token = _asked.set(None)
    try:
        ask()
    finally:
        _asked.reset(token)


class FencedObject:
    """An object as it was read, for one change. `content` is None if there is no object.

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
            # The answer to an earlier try may have been lost: then the object is already as it should be.
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
            # The ETag is sent back as it came, with its quotes.
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
                    # Some services do not know conditional deletes. The question still protects the object.
                    arguments.pop("IfMatch", None)
                    operation(Bucket=self._bucket, Key=self._key, **arguments)
        finally:
            _asked.reset(token)
