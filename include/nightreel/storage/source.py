"""Brings a title's source into the work area. The source itself is only ever read."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx

from nightreel.errors import SourceRejected, StorageUnavailable
from nightreel.settings import Settings
from nightreel.storage.bucket import PIECE_BYTES, Bucket
from nightreel.storage.source_url import InBucket, OverHttp, locate, require_allowed

Progress = Callable[[int, int | None], None]
"""Called with the bytes received and, where known, the bytes in all."""

_MAX_REDIRECTS = 5
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "nightreel"}
_TRY_AGAIN = {
    httpx.codes.REQUEST_TIMEOUT,
    httpx.codes.TOO_EARLY,
    httpx.codes.TOO_MANY_REQUESTS,
}
_MISSING = {httpx.codes.NOT_FOUND, httpx.codes.GONE}
_FORBIDDEN = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}


@dataclass(frozen=True)
class FetchedSource:
    """A source that is here: size in bytes, the origin's ETag (may be empty), SHA-256 in hex."""

    size: int
    etag: str
    sha256: str
    key_or_url: str


@dataclass(frozen=True)
class _Incoming:
    """A source on its way; `size` is None when the origin does not say."""

    size: int | None
    etag: str
    pieces: Iterator[bytes]
    key_or_url: str


def fetch(
    url: str, destination: Path, bucket: Bucket, settings: Settings, progress: Progress | None = None
) -> FetchedSource:
    """Write the source behind a `video_url` to `destination`, whole or not at all.

    Raises SourceRejected when the URL is not allowed or the source is missing, empty or
    larger than NIGHTREEL_MAX_SOURCE_BYTES; StorageUnavailable when the origin fails or
    sends less than it announced.
    """
    partial = destination.with_name(f"{destination.name}.part")
    try:
        with _opened(url, bucket, settings) as incoming:
            _require_size(incoming.size, settings)
            size, sha256 = _receive(incoming, partial, settings, progress)
        if incoming.size is not None and size != incoming.size:
            raise StorageUnavailable(f"{incoming.key_or_url} ended after {size} of {incoming.size} bytes")
        _require_size(size, settings)
        partial.replace(destination)
    finally:
        partial.unlink(missing_ok=True)
    return FetchedSource(size, incoming.etag, sha256, incoming.key_or_url)


def head_source(url: str, bucket: Bucket, settings: Settings) -> int | None:
    """Size in bytes of the source behind a `video_url`, without reading it; None if unknown.

    Raises SourceRejected when the URL is not allowed.
    """
    where = locate(url, bucket, settings)
    if isinstance(where, InBucket):
        found = bucket.head(where.key)
        return found.size if found else None
    with contextlib.suppress(StorageUnavailable), _response("HEAD", where, bucket, settings) as response:
        return _length(response) if response.is_success else None
    return None


@contextlib.contextmanager
def _opened(url: str, bucket: Bucket, settings: Settings) -> Iterator[_Incoming]:
    where = locate(url, bucket, settings)
    if isinstance(where, OverHttp):
        with _response("GET", where, bucket, settings) as response:
            _require_success(response, where)
            etag = response.headers.get("ETag", "").removeprefix("W/").strip('"')
            yield _Incoming(_length(response), etag, response.iter_raw(PIECE_BYTES), where.shown)
        return
    with bucket.open(where.key) as found:
        if found is None:
            raise SourceRejected("source_missing", f"the bucket {bucket.name!r} has no object {where.key!r}")
        yield _Incoming(found.info.size, found.info.etag, found.pieces, where.key)


@contextlib.contextmanager
def _response(method: str, where: OverHttp, bucket: Bucket, settings: Settings) -> Iterator[httpx.Response]:
    """The answer behind all redirects, each of which must lead to an allowed host."""
    url = where.url
    try:
        with httpx.Client(timeout=settings.fetch_timeout_seconds, headers=_HEADERS) as client:
            for _ in range(_MAX_REDIRECTS + 1):
                with client.stream(method, url) as response:
                    if not response.has_redirect_location:
                        yield response
                        return
                    url = urljoin(url, response.headers["Location"])
                require_allowed(url, bucket, settings)
    except httpx.TransportError as error:
        raise StorageUnavailable(
            f"{where.shown} could not be read: {error or type(error).__name__}"
        ) from error
    except httpx.InvalidURL:
        raise SourceRejected("bad_source_url", "the video URL is malformed") from None
    raise SourceRejected("too_many_redirects", f"{where.shown} redirects more than {_MAX_REDIRECTS} times")


def _require_success(response: httpx.Response, where: OverHttp) -> None:
    status = response.status_code
    if response.is_success:
        return
    if response.is_server_error or status in _TRY_AGAIN:
        raise StorageUnavailable(f"{where.shown} answered {status}")
    if status in _MISSING:
        raise SourceRejected("source_missing", f"there is nothing at {where.shown} ({status})")
    if status in _FORBIDDEN:
        raise SourceRejected("source_forbidden", f"{where.shown} may not be read ({status})")
    raise SourceRejected("source_refused", f"{where.shown} answered {status}")


def _length(response: httpx.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None


def _receive(
    incoming: _Incoming, partial: Path, settings: Settings, progress: Progress | None
) -> tuple[int, str]:
    """Size and SHA-256 of what was written. Stops where the source proves too large."""
    size, sha256 = 0, hashlib.sha256()
    with partial.open("wb") as stream:
        for piece in incoming.pieces:
            stream.write(piece)
            sha256.update(piece)
            size += len(piece)
            _require_at_most(size, settings)
            if progress:
                progress(size, incoming.size)
    return size, sha256.hexdigest()


def _require_size(size: int | None, settings: Settings) -> None:
    if size == 0:
        raise SourceRejected("source_empty", "the source has no bytes")
    if size is not None:
        _require_at_most(size, settings)


def _require_at_most(size: int, settings: Settings) -> None:
    if size > settings.max_source_bytes:
        raise SourceRejected(
            "source_too_large",
            f"the source has more than the {settings.max_source_bytes} bytes of NIGHTREEL_MAX_SOURCE_BYTES",
        )
