"""A server that speaks Cloudflare's documented contract of `POST /zones/{zone_id}/purge_cache`."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ZONE = "023e105f4ecef8ad9ca31a8372d0c353"
TOKEN = "cf-token-hunter2"
MOST = 30


@dataclass
class Answer:
    status: int
    document: object
    headers: dict[str, str] = field(default_factory=dict)


OK = {"success": True, "errors": [], "messages": [], "result": {"id": ZONE}}
BUSY = Answer(
    429,
    {"success": False, "errors": [{"code": 971, "message": "rate limited"}], "messages": [], "result": None},
    {"Retry-After": "7"},
)


def refusal(status: int, code: int, message: str) -> Answer:
    errors = [{"code": code, "message": message}]
    return Answer(status, {"success": False, "errors": errors, "messages": [], "result": None})


class CloudflareServer(ThreadingHTTPServer):
    """`purged` has the prefixes of the calls that succeeded; `next_answers` come before any judgement."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.purged: list[str] = []
        self.calls: list[Any] = []
        self.next_answers: list[Answer] = []

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/client/v4"


class _Handler(BaseHTTPRequestHandler):
    server: CloudflareServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append(body)
        answer = self.server.next_answers.pop(0) if self.server.next_answers else self._judged(body)
        content = (
            answer.document if isinstance(answer.document, bytes) else json.dumps(answer.document).encode()
        )
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _judged(self, body: Any) -> Answer:
        if self.path != f"/client/v4/zones/{ZONE}/purge_cache":
            return refusal(404, 7003, "Could not route to the zone")
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return refusal(403, 10000, "Authentication error")
        prefixes = body.get("prefixes")
        if set(body) != {"prefixes"} or not prefixes or len(prefixes) > MOST:
            return refusal(400, 1094, "Invalid purge request")
        if any("://" in each or each.endswith("/") for each in prefixes):
            return refusal(400, 1094, "Invalid prefix")
        self.server.purged += prefixes
        return Answer(200, OK)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def cloudflare_server() -> Iterator[CloudflareServer]:
    with CloudflareServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
