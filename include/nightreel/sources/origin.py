"""Requests a source over HTTP, and says what went wrong without repeating secrets."""

import contextlib
import logging
import ssl
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import urljoin

import httpcore
import httpx

from nightreel.errors import SourceRejected, StorageUnavailable
from nightreel.redaction import redacted, shown_url
from nightreel.settings import Settings
from nightreel.sources.destinations import Destinations, GoOn, Network
from nightreel.sources.location import OverHttp
from nightreel.sources.refusals import refused_url
from nightreel.storage.bucket import Bucket

# Its debug lines contain every header, and a Location may be signed.
logging.getLogger("httpcore").setLevel(logging.INFO)

_MAX_REDIRECTS = 5
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "nightreel"}
_CONNECT_SECONDS = 10.0
_SAID_BYTES = 4096
_TRY_AGAIN = {
    httpx.codes.REQUEST_TIMEOUT,
    httpx.codes.TOO_EARLY,
    httpx.codes.TOO_MANY_REQUESTS,
}
_MISSING = {httpx.codes.NOT_FOUND, httpx.codes.GONE}
_FORBIDDEN = {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
_UNANSWERED = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpx.DecodingError)


@contextlib.contextmanager
def answer(
    method: str,
    where: OverHttp,
    bucket: Bucket,
    settings: Settings,
    *,
    headers: Mapping[str, str] | None = None,
    go_on: GoOn = lambda: None,
) -> Iterator[httpx.Response]:
    """The answer after all redirects, each of which must lead where a source may be.

    Its body is not read yet. Raises SourceRejected for a redirect that is not allowed, and
    StorageUnavailable when the host does not answer or falls silent, also inside the block.
    """
    destinations = Destinations(settings, bucket)
    try:
        with httpcore.ConnectionPool(
            ssl_context=_trusting(), network_backend=Network(destinations, go_on)
        ) as pool:
            url = where.url
            for _ in range(_MAX_REDIRECTS + 1):
                with _asked(pool, method, url, headers or {}, settings) as response:
                    if not response.has_redirect_location:
                        yield response
                        return
                    url = _redirected(url, response.headers["Location"])
                destinations.require_name(url)
    except _UNANSWERED as error:
        raise StorageUnavailable(f"{where.shown} {_in_words(error, settings)}") from None
    raise SourceRejected("too_many_redirects", f"{where.shown} redirects more than {_MAX_REDIRECTS} times")


def require_success(response: httpx.Response, where: OverHttp) -> None:
    """Raises StorageUnavailable for a passing fault, SourceRejected for any other refusal."""
    status = response.status_code
    if response.is_success:
        return
    if response.is_server_error or status in _TRY_AGAIN:
        raise StorageUnavailable(f"{where.shown} answered {status}")
    if status in _MISSING:
        cut = "; its # and everything after it were not sent: write it as %23" if "#" in where.url else ""
        raise SourceRejected("source_missing", f"there is nothing at {where.shown} ({status}){cut}")
    if status in _FORBIDDEN:
        raise refused_url(status, _beginning(response), where.shown)
    raise SourceRejected("source_refused", f"{where.shown} answered {status}")


def _beginning(response: httpx.Response) -> bytes:
    """The beginning of the body, in which an S3 service explains a refusal."""
    read = b""
    for piece in response.iter_bytes():
        read += piece
        if len(read) >= _SAID_BYTES:
            break
    return read[:_SAID_BYTES]


@lru_cache(maxsize=1)
def _trusting() -> ssl.SSLContext:
    """The certificate authorities to trust. Loaded once per process, because there are a hundred."""
    return httpx.create_ssl_context()


@contextlib.contextmanager
def _asked(
    pool: httpcore.ConnectionPool, method: str, url: str, headers: Mapping[str, str], settings: Settings
) -> Iterator[httpx.Response]:
    # httpx itself would write each URL into its log.
    parsed = _parsed(url)
    silence = settings.fetch_timeout_seconds
    timeouts = {"connect": min(_CONNECT_SECONDS, silence), "read": silence, "write": silence, "pool": silence}
    request = httpx.Request(method, parsed, headers={**_HEADERS, **headers})
    with pool.stream(
        method,
        httpcore.URL(
            scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path
        ),
        headers=request.headers.raw,
        extensions={"timeout": timeouts},
    ) as response:
        yield httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            request=request,
        )


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise SourceRejected("bad_source_url", "the video URL is malformed") from None


def _redirected(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise SourceRejected(
            "bad_source_url", f"{shown_url(url)} redirects to a URL that is malformed"
        ) from None


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()


def _in_words(error: Exception, settings: Settings) -> str:
    """An error in words. A protocol error quotes what the host sent, which may be the URL itself."""
    if isinstance(error, httpcore.TimeoutException):
        return f"sent nothing, or next to nothing, within {settings.fetch_timeout_seconds} s"
    if isinstance(error, httpcore.ConnectError):
        return f"cannot be connected to: {redacted(str(error))}"
    if isinstance(error, httpx.DecodingError):
        return "sent data that does not match its Content-Encoding"
    return "broke off its answer, or did not answer in HTTP"
