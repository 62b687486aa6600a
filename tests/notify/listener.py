"""A program of somebody else's that is told what happened, over real HTTP, and may misbehave."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_" + "bmlnaHRyZWVsIHRlbGxzIHdoYXQgaGFwcGVuZWQ="
PATH = "/hooks/the-receivers-own-secret"


@dataclass(frozen=True)
class Request:
    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self) -> dict[str, Any]:
        """The content, if the signature is right. Raises WebhookVerificationError."""
        content = Webhook(SECRET).verify(self.body, self.headers)
        assert isinstance(content, dict)
        return content


@dataclass
class Listener:
    """Answers 204, or what `answers` says, one after the other; 0 is no answer, -1 one that never ends."""

    port: int
    answers: list[int] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    @property
    def apprise_url(self) -> str:
        return f"json://127.0.0.1:{self.port}{PATH}"

    @property
    def told(self) -> list[dict[str, Any]]:
        """What it was told, every signature verified."""
        return [request.verified() for request in self.requests]

    @property
    def types(self) -> list[str]:
        return [content["type"] for content in self.told]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What Apprise's json:// told it."""
        return [json.loads(request.body) for request in self.requests]


@contextmanager
def listening() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            listener.requests.append(Request(headers, body))
            status = listener.answers.pop(0) if listener.answers else 204
            if status > 0:
                self.send_response(status)
                self.send_header("location", f"{listener.url}/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()
                return
            listener.asked.set()
            while not listener.go_on.wait(0.02):
                if status < 0:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n" if status == -1 else b"x: y\r\n")
                    status = -2
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    listener = Listener(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
