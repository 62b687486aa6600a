"""The proxy before the bucket: it changes nothing, or misbehaves as it is told."""

import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import httpx
import pytest

from tests.faults.proxy import MISDEEDS, BucketProxy, Misdeed

BODY = b"x" * 100_000
STATUS = {"500": 500, "503 SlowDown": 503, "429": 429}


class Origin(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stored: ClassVar[list[bytes]] = []

    def do_PUT(self) -> None:
        received = self.rfile.read(int(self.headers["Content-Length"]))
        self.stored.append(received)
        self._answer(received[::-1])

    def do_GET(self) -> None:
        self._answer(_list() if "list-type=2" in self.path else BODY)

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Asked", self.headers["Host"])
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


def _list() -> bytes:
    """As S3 answers: a key of ten minutes ago, and one of now."""
    now = datetime.now(UTC)
    items = "".join(
        f"<Contents><Key>{key}</Key><LastModified>{then:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
        for key, then in (("old", now - timedelta(minutes=10)), ("new", now))
    )
    return f"<ListBucketResult>{items}</ListBucketResult>".encode()


@pytest.fixture
def proxy() -> Iterator[BucketProxy]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Origin) as origin, BucketProxy().running() as proxy:
        threading.Thread(target=origin.serve_forever, daemon=True).start()
        proxy.upstream = origin.server_port
        yield proxy
        origin.shutdown()


@pytest.fixture
def origin(proxy: BucketProxy) -> list[bytes]:
    """What was stored there."""
    Origin.stored.clear()
    return Origin.stored


@pytest.fixture
def client(proxy: BucketProxy) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=proxy.url, trust_env=False, timeout=30) as client:
        yield client


def test_without_a_misdeed_everything_passes_as_it_was_sent(client: httpx.Client, proxy: BucketProxy) -> None:
    for _ in range(3):
        assert client.get("/").content == BODY
        answer = client.put("/", content=BODY + b"end")
        assert answer.content == (BODY + b"end")[::-1]
        # A signature holds for the host that was asked.
        assert answer.headers["Asked"] == f"127.0.0.1:{proxy.port}"
    assert proxy.met == 0


@pytest.mark.parametrize("misdeed", [each for each in MISDEEDS if each not in ("slow", "lists lag")])
def test_a_misdeed_meets_requests_until_it_ends(
    client: httpx.Client, proxy: BucketProxy, misdeed: Misdeed
) -> None:
    assert client.get("/").content == BODY
    proxy.misbehave(misdeed)
    with httpx.Client(base_url=proxy.url, trust_env=False, timeout=30) as met:
        if misdeed in STATUS:
            assert met.get("/").status_code == STATUS[misdeed]
        elif misdeed == "gives wrong bytes":
            wrong = met.get("/").content
            assert wrong != BODY
            assert len(wrong) == len(BODY)
        else:
            with pytest.raises(httpx.TransportError):
                met.get("/")
    assert proxy.met == 1
    proxy.misbehave(None)
    with httpx.Client(base_url=proxy.url, trust_env=False, timeout=30) as after:
        assert after.get("/").content == BODY


def test_an_answer_that_is_lost_was_to_something_that_was_done(
    proxy: BucketProxy, origin: list[bytes]
) -> None:
    proxy.misbehave("loses its answers")
    with httpx.Client(base_url=proxy.url, trust_env=False) as client, pytest.raises(httpx.TransportError):
        client.put("/", content=b"kept")
    assert origin == [b"kept"]


def test_a_list_that_lags_is_without_what_was_stored_of_late(proxy: BucketProxy, origin: list[bytes]) -> None:
    proxy.misbehave("lists lag")
    with httpx.Client(base_url=proxy.url, trust_env=False) as client:
        late = client.get("/bucket", params={"list-type": "2"}).text
        assert client.get("/bucket/new").content == BODY
        client.put("/bucket/new", content=b"kept")
    assert "<Key>old</Key>" in late
    assert "<Key>new</Key>" not in late
    assert origin == [b"kept"]


@pytest.mark.parametrize("seconds", [0.0, 0.01])
def test_a_request_is_noticed_until_somebody_has_acted_on_it(
    client: httpx.Client, proxy: BucketProxy, origin: list[bytes], seconds: float
) -> None:
    noticed: list[int] = []

    def act() -> bool:
        noticed.append(len(origin))
        return len(noticed) == 2

    with proxy.noticing(re.compile(rb"PUT /wanted"), seconds, act):
        for path in ("/other", "/wanted", "/wanted", "/wanted"):
            client.put(path, content=b"x")
            time.sleep(10 * seconds)
    client.put("/wanted", content=b"x")
    # Before it was passed on, or after it.
    assert noticed == ([1, 2] if not seconds else [2, 3])


def test_a_request_is_held_that_who_sent_it_has_given_up(
    client: httpx.Client, proxy: BucketProxy, origin: list[bytes]
) -> None:
    with proxy.holding(re.compile(rb"PUT /wanted"), lambda: True):
        with pytest.raises(httpx.TransportError):
            client.put("/wanted", content=b"late", timeout=0.5)
        client.put("/wanted", content=b"early")
        assert origin == [b"early"]
    while len(origin) < 2:
        time.sleep(0.01)
    assert origin == [b"early", b"late"]


def test_open_connections_do_not_hide_from_a_misdeed(client: httpx.Client, proxy: BucketProxy) -> None:
    assert client.get("/").content == BODY
    proxy.misbehave("refuses")
    with pytest.raises(httpx.TransportError):
        client.get("/")
