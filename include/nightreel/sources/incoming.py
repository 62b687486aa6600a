"""A source being received: from the bucket or over HTTP, whole or from where it broke."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import httpx

from nightreel.errors import ObjectChanged, SourceRejected, StorageUnavailable
from nightreel.settings import Settings
from nightreel.sources.attended import attended
from nightreel.sources.destinations import GoOn
from nightreel.sources.location import InBucket, OverHttp, locate
from nightreel.sources.origin import answer, require_success
from nightreel.sources.partial import Partial, Validator
from nightreel.sources.refusals import missing_object, refused_object
from nightreel.storage.bucket import Bucket
from nightreel.storage.faults import ObjectRefused

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_DECODED = {"", "identity", "gzip", "deflate"}


@dataclass(frozen=True)
class Incoming:
    """A source being received: its bytes from `begins_at` on. `size` is the total, None if unknown."""

    size: int | None
    begins_at: int
    etag: str
    is_resumable: bool
    is_framed: bool
    """Whether its end is announced, so that a break is recognised."""
    pieces: Iterator[bytes]
    key_or_url: str

    @property
    def validator(self) -> Validator | None:
        """What a later request needs to continue the same file; None if it cannot."""
        if not self.is_resumable or not self.etag:
            return None
        return Validator(key_or_url=self.key_or_url, etag=self.etag, size=self.size)


class BeginAgain(Exception):
    """The bytes received belong to another version than the origin's current one."""


class Whole(Exception):
    """The origin says that nothing follows the bytes received."""

    def __init__(self, etag: str, key_or_url: str) -> None:
        super().__init__(key_or_url)
        self.etag = etag
        self.key_or_url = key_or_url


@contextlib.contextmanager
def opened(
    url: str, bucket: Bucket, settings: Settings, received: Partial, is_copied: bool, go_on: GoOn
) -> Iterator[Incoming]:
    """What is still to be received: the rest of the source if its bytes are the same, otherwise all of it.

    `is_copied`: a whole copy whose end was not announced has been received; what follows it is asked for.
    Raises Whole if nothing follows, BeginAgain if the bytes received are of no use, and what `fetch` raises.
    """
    where = locate(url, bucket, settings)
    place = where.key if isinstance(where, InBucket) else where.shown
    known = received.validator if received.size else None
    if known is not None and known.key_or_url != place:
        raise BeginAgain
    if isinstance(where, InBucket):
        with _from_bucket(where, bucket, known, received.size, go_on) as incoming:
            yield incoming
        return
    headers = {}
    if known or (is_copied and received.size):
        headers["Range"] = f"bytes={received.size}-"
    if known:
        headers["If-Match"] = f'"{known.etag}"'
    with answer("GET", where, bucket, settings, headers=headers, go_on=go_on) as response:
        if "Range" in headers:
            _require_rest(response, where, known, received.size)
        yield _over_http(response, where, known)


@contextlib.contextmanager
def _from_bucket(
    where: InBucket, bucket: Bucket, known: Validator | None, received: int, go_on: GoOn
) -> Iterator[Incoming]:
    try:
        opens = partial(bucket.open, where.key, received if known else 0, known.etag if known else None)
        with attended(opens, go_on) as found:
            if found is None:
                raise missing_object(where.key, bucket)
            yield Incoming(
                size=found.info.size,
                begins_at=received if known else 0,
                etag=found.info.etag,
                is_resumable=True,
                is_framed=True,
                pieces=found.pieces,
                key_or_url=where.key,
            )
    except ObjectChanged:
        raise BeginAgain from None
    except ObjectRefused as refusal:
        raise refused_object(refusal, where.key, bucket) from None


def _require_rest(response: httpx.Response, where: OverHttp, known: Validator | None, received: int) -> None:
    """Raises Whole if nothing follows, BeginAgain if what follows belongs to other bytes."""
    status = response.status_code
    if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        if response.headers.get("Content-Range", "").strip() == f"bytes */{received}":
            raise Whole(known.etag if known else "", where.shown)
        raise BeginAgain
    if status == httpx.codes.PRECONDITION_FAILED:
        raise BeginAgain
    if status == httpx.codes.PARTIAL_CONTENT:
        begins_at, size = _range(response, known)
        tag = response.headers.get("ETag", "").strip('"')
        if known is None or (begins_at, size, tag) != (received, known.size, known.etag):
            raise BeginAgain


def _over_http(response: httpx.Response, where: OverHttp, known: Validator | None) -> Incoming:
    require_success(response, where)
    tag = response.headers.get("ETag", "")
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _DECODED:
        raise SourceRejected(
            "source_encoded",
            f"{where.shown} is sent as {encoding[:20]!r}, which was not requested",
        )
    size, begins_at = None if encoding in ("gzip", "deflate") else length_of(response), 0
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        if known is None:
            raise StorageUnavailable(f"{where.shown} sent only part of the source, unasked")
        begins_at, size = _range(response, known)
    return Incoming(
        size=size,
        begins_at=begins_at,
        etag=tag.removeprefix("W/").strip('"'),
        # Only of the same representation, byte by byte (RFC 9110 sections 8.8.1 and 14.2).
        is_resumable=tag.startswith('"') and tag.isascii() and encoding in ("", "identity"),
        is_framed=any(name in response.headers for name in ("Content-Length", "Transfer-Encoding")),
        pieces=response.iter_bytes(),
        key_or_url=where.shown,
    )


def length_of(response: httpx.Response) -> int | None:
    """The Content-Length in bytes; None if not given."""
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdecimal() else None


def _range(response: httpx.Response, known: Validator | None) -> tuple[int, int | None]:
    """Where a part begins, and the size of the whole; unchanged if the response says neither."""
    told = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if told is None:
        return -1, None
    said = None if told[2] == "*" else int(told[2])
    expected = known.size if known else None
    return int(told[1]), expected if said is None or expected is None else said
