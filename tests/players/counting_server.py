"""A bucket behind its public URL, with the headers that it answers with, and a list of what was asked for."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.release import STABLE_CACHE

_KEPT = ("Content-Type", "Cache-Control", "ETag", "Content-Range")
_AT_ONCE = "public, max-age=0"
_QUIET_SECONDS = 0.4


@dataclass(frozen=True)
class CountingServer:
    """`asked` has the path and the status of every request, in order."""

    address: str
    asked: list[tuple[str, int]]

    def wait_until_quiet(self) -> None:
        """Until nobody has asked for anything for a moment."""
        seen = -1
        while seen != len(self.asked):
            seen = len(self.asked)
            time.sleep(_QUIET_SECONDS)


@contextmanager
def counting_server(bucket: Bucket) -> Iterator[CountingServer]:
    """Serves a bucket to pages of any origin.

    Players need not wait a minute for new manifests: those are to be asked for each time.
    """
    # A proxy of the machine must not stand before the loopback interface.
    with httpx.Client(base_url=bucket.public_url, trust_env=False) as client:
        asked: list[tuple[str, int]] = []
        handler = type("Handler", (_Handler,), {"asked": asked, "client": client})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield CountingServer(f"http://127.0.0.1:{server.server_port}", asked)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body go out as two writes: without this, each answer waits for the other side's ACK.
    disable_nagle_algorithm = True
    asked: list[tuple[str, int]]
    client: httpx.Client

    def do_GET(self) -> None:
        wanted = {"Range": self.headers["Range"]} if "Range" in self.headers else {}
        answer = self.client.get(self.path, headers=wanted)
        self.asked.append((self.path, answer.status_code))
        self.send_response(answer.status_code)
        self.send_header("Access-Control-Allow-Origin", "*")
        for name in _KEPT:
            if name in answer.headers:
                value = answer.headers[name]
                self.send_header(name, _AT_ONCE if value == STABLE_CACHE else value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Silent: a failed request shows as an error of the player."""
