"""Brings a title's source into the work area. The source itself is only ever read."""

import contextlib
import errno
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from nightreel.errors import NightreelError, ObjectChanged, SourceRejected, StorageUnavailable, WorkAreaFull
from nightreel.redaction import shown_url
from nightreel.settings import Settings
from nightreel.sources.destinations import GoOn
from nightreel.sources.location import InBucket, OverHttp, locate
from nightreel.sources.origin import answer, require_success
from nightreel.sources.partial import Partial, Validator
from nightreel.sources.refusals import missing_object, refused_object
from nightreel.storage.bucket import Bucket
from nightreel.storage.faults import ObjectRefused

Progress = Callable[[int, int | None], None]
"""Called with the bytes received and, where known, the bytes in all."""

RequireFree = Callable[[int], None]
"""Called with the bytes that must be free where the source is written; raises WorkAreaFull."""

_PAUSES = (0.0, 1.0, 5.0, 15.0)
"""Seconds before each time that a fetch goes on where it broke; a retry of the task comes after them."""
_ROOM_FACTOR = 1.05
_LEFT_FREE_BYTES = 1 << 30
"""What a source that does not say its length leaves of the disk, for the runs beside it."""
_LOOK_BYTES = 64 << 20
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True)
class FetchedSource:
    """A source that is here: size in bytes, the origin's ETag (may be empty), SHA-256 in hex."""

    size: int
    etag: str
    sha256: str
    key_or_url: str


@dataclass(frozen=True)
class Callbacks:
    """What a fetch asks and tells while it lasts."""

    progress: Progress = lambda _received, _total: None
    go_on: GoOn = lambda: None
    require_free: RequireFree = lambda _bytes: None


@dataclass(frozen=True)
class _Incoming:
    """A source on its way: its bytes from `begins_at` on. `size` is that of the whole, None if unsaid."""

    size: int | None
    begins_at: int
    etag: str
    is_resumable: bool
    pieces: Iterator[bytes]
    key_or_url: str

    @property
    def validator(self) -> Validator | None:
        if not self.is_resumable or not self.etag:
            return None
        return Validator(key_or_url=self.key_or_url, etag=self.etag, size=self.size)


class _BeginAgain(Exception):
    """What was received belongs to other bytes than those that the origin has now."""


def fetch(
    url: str,
    destination: Path,
    bucket: Bucket,
    settings: Settings,
    *,
    partial: Path | None = None,
    callbacks: Callbacks | None = None,
) -> FetchedSource:
    """Write the source behind a `video_url` to `destination`, whole or not at all.

    What breaks off goes on where it broke, as long as the origin's ETag says that the bytes are
    the same; also from a `partial` that an earlier try left.

    Raises SourceRejected when the URL is not allowed or the source is missing, empty or
    larger than NIGHTREEL_MAX_SOURCE_BYTES; WorkAreaFull when the disk does not suffice (of both
    nothing is left); StorageUnavailable when the origin fails or sends less than it announced.
    """
    asked = callbacks or Callbacks()
    with Partial(partial or destination.with_name(f"{destination.name}.part")) as received:
        try:
            etag, key_or_url = _received_whole(url, bucket, settings, received, asked)
            if received.size == 0:
                raise SourceRejected("source_empty", "the source has no bytes")
        except NightreelError as error:
            if received.validator is None or not isinstance(error, StorageUnavailable):
                received.discard()
            raise
        received.move_to(destination)
        return FetchedSource(received.size, etag, received.sha256, key_or_url)


def head_source(url: str, bucket: Bucket, settings: Settings, go_on: GoOn = lambda: None) -> int | None:
    """Size in bytes of the source behind a `video_url`, without reading it; None if unknown.

    Raises SourceRejected when the URL is not allowed; StorageUnavailable when the origin is silent.
    """
    where = locate(url, bucket, settings)
    if isinstance(where, InBucket):
        found = bucket.head(where.key)
        return found.size if found else None
    with answer("HEAD", where, bucket, settings, go_on=go_on) as response:
        return _length(response) if response.is_success else None


def _received_whole(
    url: str, bucket: Bucket, settings: Settings, received: Partial, asked: Callbacks
) -> tuple[str, str]:
    """ETag and place of what was received."""
    pauses = iter(_PAUSES)
    while True:
        before = received.size
        try:
            with _opened(url, bucket, settings, received, asked.go_on) as incoming:
                _receive(incoming, received, settings, asked)
                return incoming.etag, incoming.key_or_url
        except _BeginAgain:
            received.begin(None)
        except StorageUnavailable:
            pause = next(pauses, None)
            if pause is None or received.validator is None or received.size <= before:
                raise
            _wait(pause, asked.go_on)


def _wait(seconds: float, go_on: GoOn) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        go_on()
        time.sleep(min(left, 1.0))


@contextlib.contextmanager
def _opened(
    url: str, bucket: Bucket, settings: Settings, received: Partial, go_on: GoOn
) -> Iterator[_Incoming]:
    where = locate(url, bucket, settings)
    place = where.key if isinstance(where, InBucket) else where.shown
    known = received.validator if received.size else None
    if known is not None and known.key_or_url != place:
        raise _BeginAgain
    if isinstance(where, InBucket):
        with _from_bucket(where, bucket, known, received.size) as incoming:
            yield incoming
        return
    headers = {"Range": f"bytes={received.size}-", "If-Match": f'"{known.etag}"'} if known else {}
    with answer("GET", where, bucket, settings, headers=headers, go_on=go_on) as response:
        yield _over_http(response, where, known, received.size)


@contextlib.contextmanager
def _from_bucket(
    where: InBucket, bucket: Bucket, known: Validator | None, received: int
) -> Iterator[_Incoming]:
    try:
        with bucket.open(where.key, received if known else 0, known.etag if known else None) as found:
            if found is None:
                raise missing_object(where.key, bucket)
            yield _Incoming(
                size=found.info.size,
                begins_at=received if known else 0,
                etag=found.info.etag,
                is_resumable=True,
                pieces=found.pieces,
                key_or_url=where.key,
            )
    except ObjectChanged:
        raise _BeginAgain from None
    except ObjectRefused as refusal:
        raise refused_object(refusal, where.key, bucket) from None


def _over_http(
    response: httpx.Response, where: OverHttp, known: Validator | None, received: int
) -> _Incoming:
    if known and response.status_code in (
        httpx.codes.PRECONDITION_FAILED,
        httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE,
    ):
        raise _BeginAgain
    require_success(response, where)
    tag = response.headers.get("ETag", "")
    is_encoded = response.headers.get("Content-Encoding", "identity").lower() != "identity"
    size, begins_at = None if is_encoded else _length(response), 0
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        if known is None:
            raise StorageUnavailable(f"{where.shown} sent a part of the source, unasked")
        begins_at, size = _range(response, known)
        if begins_at != received or size != known.size or tag.strip('"') != known.etag:
            raise _BeginAgain
    return _Incoming(
        size=size,
        begins_at=begins_at,
        etag=tag.removeprefix("W/").strip('"'),
        # Of the same representation only, byte by byte (RFC 9110 sections 8.8.1 and 14.2).
        is_resumable=tag.startswith('"') and tag.isascii() and not is_encoded,
        pieces=response.iter_bytes(),
        key_or_url=where.shown,
    )


def _length(response: httpx.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdecimal() else None


def _range(response: httpx.Response, known: Validator) -> tuple[int, int | None]:
    """Where a part begins, and the size of the whole; both are as before where nothing is said of it."""
    told = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if told is None:
        return -1, None
    is_said = told[2] != "*" and known.size is not None
    return int(told[1]), int(told[2]) if is_said else known.size


def _receive(incoming: _Incoming, received: Partial, settings: Settings, asked: Callbacks) -> None:
    """Writes what comes. Stops where the source proves too large, for us or for the disk."""
    if incoming.begins_at == 0:
        received.begin(incoming.validator)
    if incoming.size is None:
        asked.require_free(_LEFT_FREE_BYTES)
    else:
        _require_at_most(incoming.size, settings)
        asked.require_free(int((incoming.size - received.size) * _ROOM_FACTOR))
    looked_at = received.size
    for piece in incoming.pieces:
        asked.go_on()
        _write(received, piece)
        _require_at_most(received.size, settings)
        if incoming.size is None and received.size - looked_at >= _LOOK_BYTES:
            asked.require_free(_LEFT_FREE_BYTES)
            looked_at = received.size
        asked.progress(received.size, incoming.size)
    if incoming.size is not None and received.size != incoming.size:
        raise StorageUnavailable(
            f"{shown_url(incoming.key_or_url)} ended after {received.size} of {incoming.size} bytes"
        )


def _write(received: Partial, piece: bytes) -> None:
    try:
        received.write(piece)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise WorkAreaFull(
            f"the disk is full after {received.size} bytes of the source: free some space, or set "
            "NIGHTREEL_WORK_AREA to a larger disk"
        ) from None


def _require_at_most(size: int, settings: Settings) -> None:
    if size > settings.max_source_bytes:
        raise SourceRejected(
            "source_too_large",
            f"the source has more than the {settings.max_source_bytes} bytes of NIGHTREEL_MAX_SOURCE_BYTES",
        )
