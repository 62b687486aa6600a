"""Where Nightreel connects to for a source: which hosts, and which addresses behind their names.

Both are checked for each connection, at the moment of connecting, and exactly what was checked is
connected to: a name that resolves differently a moment later gains nothing. Fetches and streams on
the fly have no other way out.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from httpcore import (
    SOCKET_OPTION,
    AnyIOBackend,
    AsyncNetworkBackend,
    AsyncNetworkStream,
    ConnectError,
    ConnectTimeout,
    NetworkBackend,
    NetworkStream,
    ReadTimeout,
    SyncBackend,
)

from nightreel.errors import SourceRejected
from nightreel.settings import Settings
from nightreel.sources.addresses import is_public
from nightreel.sources.location import require_allowed
from nightreel.storage.bucket import Bucket

GoOn = Callable[[], None]
"""Called at least once a second. If it raises, the work ends."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ASKED_EVERY_SECONDS = 1.0
_LEAST_BYTES = 4096
"""A host must send this much within the longest silence that is allowed, or it is dropped."""


class Destinations:
    """The hosts and addresses that a source may name."""

    def __init__(self, settings: Settings, bucket: Bucket) -> None:
        self._settings = settings
        self._bucket = bucket

    def require_name(self, url: str) -> None:
        """Raises SourceRejected unless connecting to the URL's host is allowed at all."""
        require_allowed(url, self._bucket, self._settings)

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to. Waits for the resolver.

        Raises SourceRejected when it has only forbidden ones; ConnectError when it has none.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise ConnectError(f"the host {host!r} cannot be resolved: {error}") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if self._operators_own(host, port):
            return addresses
        public = [address for address in addresses if is_public(address)]
        if not public:
            raise SourceRejected(
                "address_not_allowed",
                f"the host {host!r} has no address on the public internet; of internal hosts, only that "
                "of R2_PUBLIC_URL is allowed",
            )
        return public

    def _operators_own(self, host: str, port: int) -> bool:
        """Whether this is R2_PUBLIC_URL's own host and port, which may be internal: the operator chose it."""
        public = urlsplit(self._bucket.public_url)
        return (host.lower(), port) == (public.hostname, public.port or _DEFAULT_PORTS.get(public.scheme))


class AsyncNetwork(AsyncNetworkBackend):
    """The network that sources may use, for asyncio."""

    def __init__(self, destinations: Destinations) -> None:
        self._destinations = destinations
        self._network = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """To the first address that answers, in `timeout` seconds each. Raises as `addresses` does."""
        failure: Exception | None = None
        for address in await asyncio.to_thread(self._destinations.addresses, host, port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except ConnectError as error:
                failure = error
        raise failure or ConnectError(f"the host {host!r} has no address")

    async def sleep(self, seconds: float) -> None:
        """For httpcore, which calls it between tries."""
        await self._network.sleep(seconds)


class Network(NetworkBackend):
    """The network that sources may use, for threads. `go_on` is also called while a host is silent."""

    def __init__(self, destinations: Destinations, go_on: GoOn) -> None:
        self._destinations = destinations
        self._network = SyncBackend()
        self._go_on = go_on

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        """To the first address that answers, in `timeout` seconds each. Raises as `addresses` does."""
        failure: Exception | None = None
        for address in self._destinations.addresses(host, port):
            self._go_on()
            try:
                stream = self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (ConnectError, ConnectTimeout) as error:
                failure = error
            else:
                return _AttendedStream(stream, self._go_on)
        raise failure or ConnectError(f"the host {host!r} has no address")

    def sleep(self, seconds: float) -> None:
        """For httpcore, which calls it between tries."""
        self._network.sleep(seconds)


class _AttendedStream(NetworkStream):
    """A connection that calls `go_on` while it waits. Sending next to nothing counts as silence."""

    def __init__(self, stream: NetworkStream, go_on: GoOn) -> None:
        self._stream = stream
        self._go_on = go_on
        self._since: float | None = None
        self._read = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            self._go_on()
            left = _ASKED_EVERY_SECONDS if until is None else max(until - time.monotonic(), 0.001)
            try:
                read = self._stream.read(max_bytes, min(left, _ASKED_EVERY_SECONDS))
            except ReadTimeout:
                if until is not None and time.monotonic() >= until:
                    raise
            else:
                if timeout is not None and read:
                    self._require_speed(len(read), timeout)
                return read

    def _require_speed(self, read: int, seconds: float) -> None:
        """Raises ReadTimeout when less than `_LEAST_BYTES` arrived in this many seconds."""
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        self._read += read
        if now - self._since < seconds:
            return
        if self._read < _LEAST_BYTES:
            raise ReadTimeout
        self._since, self._read = now, 0

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *arguments: Any, **named: Any) -> NetworkStream:
        return _AttendedStream(self._stream.start_tls(*arguments, **named), self._go_on)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
