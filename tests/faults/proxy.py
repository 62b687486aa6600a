"""A proxy before the bucket that passes everything on, or misbehaves for a while as origins do.

It works on TCP, and reads no more of HTTP than a request's head: requests keep their signatures.
"""

import asyncio
import contextlib
import re
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

Misdeed = Literal[
    "refuses",
    "500",
    "503 SlowDown",
    "429",
    "resets in mid-body",
    "slow",
    "loses its answers",
    "gives wrong bytes",
    "lists lag",
]
MISDEEDS: tuple[Misdeed, ...] = get_args(Misdeed)

_ANSWERS = {
    "500": ("500 Internal Server Error", "InternalError"),
    "503 SlowDown": ("503 Service Unavailable", "SlowDown"),
    "429": ("429 Too Many Requests", "TooManyRequests"),
}
_CHUNK_BYTES = 16 * 1024
_SLOW_SECONDS = 0.5
"""How long each chunk waits in a slow transfer: 32 kB a second."""
_BEFORE_RESET_BYTES = 4 * 1024
_LIST = re.compile(rb"GET \S*[?&]list-type=2[& ]")
_LAG = timedelta(minutes=1)
"""What was stored since is not in a list that lags."""
_LISTED = re.compile(rb"<Contents>.*?<LastModified>([^<]+)</LastModified>.*?</Contents>", re.DOTALL)


class BucketProxy:
    """Listens on a port of its own from the start; `upstream` may be told later."""

    def __init__(self) -> None:
        self.upstream = 0
        self._misdeed: Misdeed | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._watch: tuple[re.Pattern[bytes], float, Callable[[], bool]] | None = None
        self._held: asyncio.Event | None = None
        self.met = 0
        """How many connections met a misdeed."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator["BucketProxy"]:
        thread = threading.Thread(target=self._serve, name="bucket-proxy", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()

    def misbehave(self, misdeed: Misdeed | None) -> None:
        """From now on; None ends it. Connections that are open are cut, as they are at any change."""
        self._misdeed = misdeed
        self._loop.call_soon_threadsafe(self._cut_all)

    @contextmanager
    def noticing(self, request: re.Pattern[bytes], seconds: float, act: Callable[[], bool]) -> Iterator[None]:
        """Has `act` called until it says that it is done, for each request that begins so.

        So many seconds after it was passed on; with none, before that. Nothing else is passed on meanwhile.
        """
        self._watch = (request, seconds, act)
        try:
            yield
        finally:
            self._watch = None

    @contextmanager
    def holding(self, request: re.Pattern[bytes], act: Callable[[], bool]) -> Iterator[None]:
        """As `noticing`, and the request for which `act` has done it is passed on at the end of the block.

        As one that was stuck on its way, whatever has become of who sent it.
        """
        self._held = held = asyncio.Event()
        try:
            with self.noticing(request, 0.0, act):
                yield
        finally:
            self._held = None
            self._loop.call_soon_threadsafe(held.set)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._handle, sock=self._listener))
        self._loop.run_forever()
        server.close()
        self._cut_all()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    def _cut_all(self) -> None:
        for writer in list(self._writers):
            _reset(writer)

    async def _noticed(self, chunk: bytes) -> bytes:
        if self._watch is not None and self._watch[0].match(chunk):
            if seconds := self._watch[1]:
                self._loop.call_later(seconds, self._act)
            else:
                self._act()
                if self._watch is None and self._held is not None:
                    await self._held.wait()
        return chunk

    def _act(self) -> None:
        if self._watch is not None and self._watch[2]():
            self._watch = None

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._answer(reader, writer, self._misdeed)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            _reset(writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, misdeed: Misdeed | None
    ) -> None:
        self.met += misdeed is not None
        if misdeed == "refuses":
            _reset(writer)
        elif misdeed in _ANSWERS:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(_error(*_ANSWERS[misdeed]))
            await writer.drain()
        elif misdeed == "lists lag":
            await self._answer_late(reader, writer)
        else:
            await self._pass_on(reader, writer, misdeed)

    async def _answer_late(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, after which the connection ends; a list is told as it was a minute ago."""
        request = await reader.readuntil(b"\r\n\r\n")
        answer = _ended(await _passed_on(request, reader, self.upstream))
        writer.write(_as_before(answer) if _LIST.match(request) else answer)
        await writer.drain()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, misdeed: Misdeed | None
    ) -> None:
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            limit = _BEFORE_RESET_BYTES if misdeed == "resets in mid-body" else None
            # What was asked is done, and who asked does not learn it.
            answer_limit = 0 if misdeed == "loses its answers" else limit
            pause = _SLOW_SECONDS if misdeed == "slow" else 0.0
            change = _with_a_wrong_byte if misdeed == "gives wrong bytes" else _unchanged
            sides = [
                asyncio.ensure_future(_pump(reader, upstream, pause, limit, self._noticed)),
                asyncio.ensure_future(_pump(upstream_reader, writer, pause, answer_limit, change)),
            ]
            done, pending = await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
            for side in pending:
                side.cancel()
            if any(side.exception() is not None or side.result() for side in done):
                _reset(writer)
        finally:
            upstream.close()


async def _passed_on(head: bytes, reader: asyncio.StreamReader, port: int) -> bytes:
    """The whole answer to one request. Ours ask with a length and for nothing that has no end."""
    answers, upstream = await asyncio.open_connection("127.0.0.1", port)
    try:
        upstream.write(_ended(head) + await reader.readexactly(_length(head)))
        await upstream.drain()
        return await answers.read()
    finally:
        upstream.close()


def _length(head: bytes) -> int:
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return int(found[1]) if found else 0


def _ended(message: bytes) -> bytes:
    """The same, with the word that the connection ends with it; what is signed stays as it is."""
    head, end, body = message.partition(b"\r\n\r\n")
    head = re.sub(rb"(?i)\r\n(connection|expect):[^\r]*", b"", head)
    return head + b"\r\nConnection: close" + end + body


def _as_before(answer: bytes) -> bytes:
    """A list without what was stored of late. What is chunked is put together."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
        body = _joined(body)
    since = datetime.now(UTC) - _LAG
    body = _LISTED.sub(lambda item: b"" if _time(item[1]) > since else item[0], body)
    head = re.sub(rb"(?i)\r\n(transfer-encoding|content-length):[^\r]*", b"", head)
    return head + b"\r\nContent-Length: %d" % len(body) + end + body


def _joined(chunks: bytes) -> bytes:
    body = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            break
        body, chunks = body + rest[:length], rest[length + 2 :]
    return body


def _time(words: bytes) -> datetime:
    return datetime.fromisoformat(words.decode().replace("Z", "+00:00"))


async def _unchanged(chunk: bytes) -> bytes:
    return chunk


async def _with_a_wrong_byte(chunk: bytes) -> bytes:
    """One of an answer's body changed, as between a disk and a reader; lists and refusals are left alone."""
    head, end, body = chunk.partition(b"\r\n\r\n")
    if not chunk.startswith(b"HTTP/1."):
        head, end, body = b"", b"", chunk
    if not body or body.lstrip().startswith(b"<"):
        return chunk
    middle = len(body) // 2
    return head + end + body[:middle] + bytes([body[middle] ^ 0xFF]) + body[middle + 1 :]


async def _pump(
    source: asyncio.StreamReader,
    target: asyncio.StreamWriter,
    pause: float,
    limit: int | None,
    change: Callable[[bytes], Awaitable[bytes]] = _unchanged,
) -> bool:
    """Copies until the source ends; whether it stopped at the limit instead."""
    passed = 0
    while chunk := await source.read(_CHUNK_BYTES):
        if limit is not None and passed + len(chunk) > limit:
            target.write(chunk[: limit - passed])
            await target.drain()
            return True
        passed += len(chunk)
        target.write(await change(chunk))
        await target.drain()
        if pause:
            await asyncio.sleep(pause)
    return False


def _error(status: str, code: str) -> bytes:
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>a fault on purpose</Message></Error>'
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n{body}".encode()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection as a crash does, without an orderly goodbye."""
    with contextlib.suppress(OSError):
        connection: socket.socket | None = writer.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
