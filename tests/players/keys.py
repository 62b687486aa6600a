"""A key server: the key itself for HLS, and a ClearKey licence (W3C EME, section 9.1.4) for DASH."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from nightreel.vocabulary.protection import ContentKey, Protection

_LICENCE_PATH = "/clearkey"


@contextmanager
def key_server(key: ContentKey) -> Iterator[Protection]:
    """Serves the key to pages of any origin; yields how a release is protected that names the server."""
    handler = type("Handler", (_Handler,), {"key": key})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield Protection(
            key=key, key_uri=f"{address}/keys/{key.key_id}", license_url=f"{address}{_LICENCE_PATH}"
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    key: ContentKey

    def do_GET(self) -> None:
        if self.path == f"/keys/{self.key.key_id}":
            self._answer(HTTPStatus.OK, self.key.key, "application/octet-stream")
        else:
            self._answer(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key_id = _base64url(self.key.key_id.bytes)
        if self.path != _LICENCE_PATH or key_id not in wanted["kids"]:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        licence = {
            "keys": [{"kty": "oct", "kid": key_id, "k": _base64url(self.key.key)}],
            "type": wanted.get("type", "temporary"),
        }
        self._answer(HTTPStatus.OK, json.dumps(licence).encode(), "application/json")

    def do_OPTIONS(self) -> None:
        self._answer(HTTPStatus.NO_CONTENT)

    def _answer(self, status: HTTPStatus, content: bytes = b"", content_type: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "*")
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent: a refused key shows as an error of the player."""


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
