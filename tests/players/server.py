"""A small HTTP server for the player page and for releases on disk, on a port of its own."""

import mimetypes
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@contextmanager
def serve(folders: Mapping[str, Path], content_type_of: Callable[[str], str] | None = None) -> Iterator[str]:
    """Serves each folder below its path (`/players/`), to pages of any origin; yields the base URL."""
    roots = {path: folder.resolve() for path, folder in folders.items()}
    handler = type(
        "Handler", (_Handler,), {"roots": roots, "type_of": staticmethod(content_type_of or _guess)}
    )
    server = _Server(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _guess(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Silent: a page that is closed gives up its loads."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body go out as two writes: without this, each answer waits for the other side's ACK.
    disable_nagle_algorithm = True
    roots: Mapping[str, Path]
    type_of: Callable[[str], str]

    def do_GET(self) -> None:
        path = self._file()
        if path is None:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        content = path.read_bytes()
        headers = {"Content-Type": self.type_of(path.name), "Accept-Ranges": "bytes"}
        wanted = _RANGE.fullmatch(self.headers.get("Range", ""))
        if not wanted:
            self._answer(HTTPStatus.OK, content, headers)
            return
        first = int(wanted[1])
        last = min(int(wanted[2] or len(content)), len(content) - 1)
        if first > last:
            self._answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            return
        headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        self._answer(HTTPStatus.PARTIAL_CONTENT, content[first : last + 1], headers)

    def do_OPTIONS(self) -> None:
        self._answer(HTTPStatus.NO_CONTENT)

    def _file(self) -> Path | None:
        requested = unquote(urlsplit(self.path).path)
        for prefix, root in self.roots.items():
            path = (root / requested.removeprefix(prefix)).resolve()
            if requested.startswith(prefix) and path.is_relative_to(root) and path.is_file():
                return path
        return None

    def _answer(
        self, status: HTTPStatus, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "*")
        self.send_header("Access-Control-Expose-Headers", "*")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent: a failed request shows as an error of the player."""
