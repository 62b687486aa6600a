"""Real HTTP servers on loopback: the web app itself, a source's host, and what must not be reached."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import uvicorn
from fastapi import FastAPI

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass
class Page:
    """What a host answers for one path; with `drip` it sends the body so slowly that it never ends."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: bool = False


class Host(ThreadingHTTPServer):
    """A source's host. `asked` has the paths in the order in which they were asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        self.headers_given: list[dict[str, str]] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def playlist(self, name: str, *entries: str, keys: str = "") -> str:
        """Serves a playlist of these entries; returns its URL."""
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:4", *([keys] if keys else [])]
        for entry in entries:
            lines += ["#EXTINF:2,", entry]
        text = "\n".join([*lines, "#EXT-X-ENDLIST", ""])
        self.pages[name] = Page(text.encode(), headers={"Content-Type": "application/vnd.apple.mpegurl"})
        return f"{self.url}{name}"


class _Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        # Who has seen enough hangs up.
        with suppress(ConnectionError):
            self._answer()

    def _answer(self) -> None:
        self.server.asked.append(self.path)
        self.server.headers_given.append(dict(self.headers.items()))
        page = self.server.pages.get(self.path)
        if page is None:
            self.send_error(404)
            return
        wanted = _RANGE.fullmatch(self.headers.get("Range", ""))
        first = int(wanted[1]) if wanted and page.status == 200 else 0
        self.send_response(206 if wanted and page.status == 200 else page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if wanted and page.status == 200:
            self.send_header("Content-Range", f"bytes {first}-{len(page.body) - 1}/{len(page.body)}")
        if not page.drip and "Content-Length" not in page.headers:
            self.send_header("Content-Length", str(len(page.body) - first))
        self.end_headers()
        self.wfile.write(page.body[first:])
        while page.drip and not self.server.closing.wait(0.1):
            self.wfile.flush()

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent."""


@contextmanager
def running_host() -> Iterator[Host]:
    with Host() as host:
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield host
        host.closing.set()
        host.shutdown()
        thread.join()


class Internal:
    """A port of the internal network, which counts who connects."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self.port: int = listening.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()


@contextmanager
def running_internal() -> Iterator[Internal]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield Internal(listening)
        listening.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The app behind a real server; yields its URL. It ends as a service does."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", lifespan="on", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=30)
    listening.close()
    assert not thread.is_alive()
