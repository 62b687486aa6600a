"""The proxy through which FFmpeg reads its source, one request per connection.

It listens on loopback, and needs a password. It follows no redirects: FFmpeg requests the new location,
and is checked again.
"""

import asyncio
import logging
import ssl
from base64 import b64encode
from hmac import compare_digest
from secrets import token_hex
from urllib.parse import urlsplit

import certifi
import h11
import httpcore

from nightreel.errors import SourceRejected
from nightreel.sources.destinations import AsyncNetwork, Destinations
from nightreel.web.streams.egress.answers import Headers, answer, pass_on, received_request
from nightreel.web.streams.egress.plain_urls import real

_LOGGER = logging.getLogger(__name__)
_USER = "ffmpeg"
_REQUEST_SECONDS = 10.0
_TIMEOUTS = {"connect": 10.0, "read": 30.0, "write": 10.0, "pool": 10.0}
"""Seconds of silence after which a source counts as gone."""
_KEPT_OPEN_SECONDS = 15.0


class _Refused(Exception):
    """A request that gets only an error status."""

    def __init__(self, status: int, headers: Headers | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers or []


class Relay:
    """One for all streams of an event loop. `start` it, and `close` it.

    `authorities` is a PEM file of the certificate authorities to trust.
    """

    def __init__(self, destinations: Destinations, authorities: str = certifi.where()) -> None:
        self._destinations = destinations
        self._password = token_hex(16)
        self._proof = b"Basic " + b64encode(f"{_USER}:{self._password}".encode())
        self._server: asyncio.Server | None = None
        self._sources = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(cafile=authorities),
            max_connections=None,
            keepalive_expiry=_KEPT_OPEN_SECONDS,
            network_backend=AsyncNetwork(destinations),
        )

    async def start(self) -> None:
        """Listens on a free port of this machine."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    async def close(self) -> None:
        """Stops listening, and closes the connections to sources."""
        if self._server is not None:
            self._server.close()
        await self._sources.aclose()

    @property
    def url(self) -> str:
        """The proxy's URL with its password: only for FFmpeg's environment."""
        return f"http://{_USER}:{self._password}@127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The port on which it listens, once started."""
        assert self._server is not None  # noqa: S101 - it was started
        return int(self._server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                request = await received_request(connection, reader)
            try:
                source = await self._ask(request)
            except _Refused as refused:
                await answer(connection, writer, refused.status, refused.headers)
                return
            try:
                await pass_on(source, connection, writer)
            finally:
                await source.aclose()
        except (OSError, TimeoutError, h11.ProtocolError, *_UNANSWERED):
            # Half a response may have been sent, and only closing the connection can cancel it.
            writer.transport.abort()
        finally:
            writer.close()

    async def _ask(self, request: h11.Request) -> httpcore.Response:
        """The source's response, before its body is read."""
        url = self._required_url(request)
        headers: Headers = [
            (b"Host", urlsplit(url).netloc.encode()),
            (b"User-Agent", b"Nightreel"),
            (b"Accept", b"*/*"),
            (b"Accept-Encoding", b"identity"),
            *((b"Range", value) for name, value in request.headers if name == b"range"),
        ]
        asked = httpcore.Request("GET", url, headers=headers, extensions={"timeout": _TIMEOUTS})
        try:
            return await self._sources.handle_async_request(asked)
        except SourceRejected as refusal:
            raise self._forbidden(refusal) from None
        except httpcore.TimeoutException:
            raise _Refused(504) from None
        except _UNANSWERED:
            raise _Refused(502) from None

    def _required_url(self, request: h11.Request) -> str:
        """The requested URL, if its host name is allowed."""
        given = dict(request.headers)
        if not compare_digest(given.get(b"proxy-authorization", b""), self._proof):
            raise _Refused(407, [(b"Proxy-Authenticate", b'Basic realm="nightreel"')])
        if request.method != b"GET":
            raise _Refused(405)
        try:
            url = real(request.target.decode("ascii"))
            self._destinations.require_name(url)
        except SourceRejected as refusal:
            raise self._forbidden(refusal) from None
        except ValueError:
            raise _Refused(400) from None
        return url

    def _forbidden(self, refusal: SourceRejected) -> _Refused:
        _LOGGER.warning("A stream's source led to an address that is not allowed: %s", refusal.sentence)
        return _Refused(403)


_UNANSWERED = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)
"""What httpcore raises when a source does not exist or falls silent."""
