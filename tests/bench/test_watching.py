"""What is made of two titles that encode while clients ask, and what counts as an error of an answer."""

import json
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.clients import Answers, asking
from bench.watching import Trial, as_json, encoding_seconds
from tests.bench.runs import run, step


def test_encoding_lasts_from_the_first_begin_to_the_last_end_of_all_titles() -> None:
    one = run({"fetch": step(0, 1), "transcode 720p": step(2, 12), "transcode 240p": step(2, 5)}, ended=20)
    other = run({"transcode 720p": step(4, 15), "upload": step(16, 19)}, ended=20)
    assert encoding_seconds([one, other]) == 13


def test_the_watched_encoding_is_compared_with_the_middle_of_the_unwatched_around_it() -> None:
    document = json.loads(as_json([Trial(9.0, 11.0, 11.0, Answers([0.1], Counter({"status 503": 2})))]))
    assert document["ratio"]["middle"] == pytest.approx(1.1)
    assert document["errors"] == {"status 503": 2}


def test_what_is_left_without_the_clients_is_told_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.watching._cores", lambda: 2)
    document = json.loads(as_json([Trial(10.0, 12.0, 10.0, Answers(cpu_seconds=3.0))]))
    assert document["ratio"]["middle"] == pytest.approx(1.2)
    assert document["server_ratio"]["middle"] == pytest.approx(1.05)


def test_what_is_expected_is_what_equal_encodings_differ_by_in_the_middle_trial() -> None:
    quiet, noisy = Trial(10.0, 10.1, 10.0, Answers()), Trial(12.0, 11.5, 10.0, Answers())
    assert json.loads(as_json([quiet, noisy]))["expected"]["ratio"] == pytest.approx(1.1)


class _Falling(BaseHTTPRequestHandler):
    """Says less progress at every question."""

    progress = 100
    asked = threading.Semaphore(0)

    def do_GET(self) -> None:
        _Falling.progress -= 1
        body = json.dumps({"status": "processing", "progress": _Falling.progress}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        _Falling.asked.release()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def falling() -> Iterator[socketserver.BaseServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Falling) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_percentage_that_falls_is_an_error(falling: socketserver.BaseServer) -> None:
    host, port = falling.server_address[:2]
    with asking(f"http://{host!s}:{port}", "key", ["job"], clients=1) as answers:
        for _ in range(2):
            assert _Falling.asked.acquire(timeout=30)
    assert answers.errors == Counter({"the percentage fell": len(answers.seconds) - 1})
