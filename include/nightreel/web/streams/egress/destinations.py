"""Where a stream's source may lead: hosts by name, and the addresses behind the names.

The two are checked at the moment of connecting, for every connection by itself, and what
was checked is what is connected to: a name that resolves to something else a moment later
gains nothing.
"""

import asyncio
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from httpcore import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError

from nightreel.errors import SourceRejected
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.source_url import require_allowed
from nightreel.web.streams.egress.addresses import is_public

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Destinations(AsyncNetworkBackend):
    """The network as a stream's source may use it."""

    def __init__(self, settings: Settings, bucket: Bucket) -> None:
        self._settings = settings
        self._bucket = bucket
        self._network = AnyIOBackend()

    def require_name(self, url: str) -> None:
        """Raises SourceRejected unless the URL's host may be asked at all."""
        require_allowed(url, self._bucket, self._settings)

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to.

        Raises SourceRejected when it has only others; ConnectError when it has none.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise ConnectError(f"the host {host!r} is not known: {error}") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if self._operators_own(host, port):
            return addresses
        public = [address for address in addresses if is_public(address)]
        if not public:
            raise SourceRejected(
                "address_not_allowed",
                f"the host {host!r} has no address on the public internet; of hosts within, only that of "
                "R2_PUBLIC_URL is asked",
            )
        return public

    def _operators_own(self, host: str, port: int) -> bool:
        """Whether this is R2_PUBLIC_URL's own origin, which the operator put where it is."""
        public = urlsplit(self._bucket.public_url)
        return (host, port) == (public.hostname, public.port or _DEFAULT_PORTS.get(public.scheme))

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
        for address in await self.addresses(host, port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except ConnectError as error:
                failure = error
        raise failure or ConnectError(f"the host {host!r} has no address")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)
