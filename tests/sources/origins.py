"""A source's host over HTTP: a real server, which sends what each test tells it to."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FILM = bytes(range(256)) * 12_000
HALF = len(FILM) // 2
FILM_SHA256 = hashlib.sha256(FILM).hexdigest()

Answer = Callable[[BaseHTTPRequestHandler], None]


class Origin:
    """An HTTP server on 127.0.0.1; `answers` says what each path sends."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.answers: dict[str, Answer] = {}
        self.otherwise = status(404)
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []


@contextmanager
def running_origin() -> Iterator[Origin]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            origin.asked.append(self.path)
            origin.headers.append(dict(self.headers.items()))
            # Who has seen enough hangs up.
            with suppress(ConnectionError):
                origin.answers.get(self.path.partition("?")[0], origin.otherwise)(self)

        do_HEAD = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names that http.server asks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin = Origin(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield origin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sends(content: bytes, announced: int | None = None, **headers: str) -> Answer:
    """An answer of these bytes that announces their length, or another, or (below 0) none."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        length = len(content) if announced is None else announced
        if length >= 0:
            handler.send_header("Content-Length", str(length))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(content)

    return answer


def changes(content: bytes, answers: int, **headers: str) -> Answer:
    """As a service does that sends parts; one byte in the middle of each of the first answers is another."""
    left = [answers]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        start = int(handler.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        body = bytearray(content[start:])
        if left[0]:
            left[0] -= 1
            body[len(body) // 2] ^= 0xFF
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(body)))
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        # Whoever wants only the first part of it closes the connection.
        with contextlib.suppress(OSError):
            handler.wfile.write(body)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """One after the other; the last one again and again."""
    left = list(answers)
    return lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer
