"""HTTP between the relay and FFmpeg."""

import asyncio
from collections.abc import AsyncIterator

import h11
import httpcore

from nightreel.web.streams.egress.plain_urls import plain, plain_playlist

Headers = list[tuple[bytes, bytes]]

_READ_BYTES = 64 * 1024
_PLAYLIST_BEGINS = b"#EXTM3U"
_PLAYLIST_BYTES = 8 * 1024 * 1024
_PASSED_ON = frozenset({b"content-type", b"content-length", b"content-range", b"accept-ranges"})


async def received_request(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Request:
    """The request on a connection. Raises h11.ProtocolError for anything else."""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            return event
        if event is not h11.NEED_DATA:
            raise h11.RemoteProtocolError("the connection brought no request")
        connection.receive_data(await reader.read(_READ_BYTES))


async def answer(
    connection: h11.Connection,
    writer: asyncio.StreamWriter,
    status: int,
    headers: Headers,
    body: bytes = b"",
) -> None:
    """A complete response, the only one on its connection."""
    await _send_head(connection, writer, status, [*headers, (b"Content-Length", b"%d" % len(body))])
    await _send(connection, writer, h11.Data(body))
    await _send(connection, writer, h11.EndOfMessage())


async def pass_on(
    source: httpcore.Response, connection: h11.Connection, writer: asyncio.StreamWriter
) -> None:
    """The source's response, as fast as it is read, with its https URLs made plain.

    Raises h11.LocalProtocolError for a body that does not match its headers.
    """
    given = {name.lower(): value for name, value in source.headers}
    headers = [(name, value) for name, value in given.items() if name in _PASSED_ON]
    if b"location" in given:
        headers.append((b"Location", plain(given[b"location"].decode("latin-1")).encode("latin-1")))
    body = aiter(source.aiter_stream())
    first = await anext(body, b"")
    if first.startswith(_PLAYLIST_BEGINS) and source.status in (200, 206):
        playlist = plain_playlist(await _whole(first, body))
        await answer(connection, writer, 200, [(b"Content-Type", given.get(b"content-type", b""))], playlist)
        return
    await _send_head(connection, writer, source.status, headers)
    await _send(connection, writer, h11.Data(first))
    async for chunk in body:
        await _send(connection, writer, h11.Data(chunk))
    await _send(connection, writer, h11.EndOfMessage())


async def _whole(first: bytes, rest: AsyncIterator[bytes]) -> bytes:
    read = bytearray(first)
    async for chunk in rest:
        read += chunk
        if len(read) > _PLAYLIST_BYTES:
            raise h11.LocalProtocolError("a playlist is too large")
    return bytes(read)


async def _send_head(
    connection: h11.Connection, writer: asyncio.StreamWriter, status: int, headers: Headers
) -> None:
    head = h11.Response(status_code=status, headers=[*headers, (b"Connection", b"close")])
    await _send(connection, writer, head)


async def _send(connection: h11.Connection, writer: asyncio.StreamWriter, event: h11.Event) -> None:
    writer.write(connection.send(event) or b"")
    await writer.drain()
