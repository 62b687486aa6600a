"""A signed URL is a secret, however its fetch ends."""

import logging
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from nightreel.errors import NightreelError
from nightreel.night.rows import SourceRow
from nightreel.night.sizes import SourceSizes
from nightreel.settings import Settings
from nightreel.sources import fetching
from nightreel.sources.fetching import fetch
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from tests.sources.conftest import changed
from tests.sources.origins import FILM, Answer, Origin, running_origin, sends, status

SIGNATURE = "0123456789abcdefsosecret"
PASSWORD = "apasswordthatnobodyreads"
QUERY = f"X-Amz-Credential=key&X-Amz-Signature={SIGNATURE}"


def echoes(text: str) -> Answer:
    """No HTTP, but the request once more."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(text.format(request=handler.path).encode())
        handler.close_connection = True

    return answer


ENDINGS: dict[str, Answer] = {
    "fetched": sends(FILM, ETag=f'"{QUERY}"'),
    "no such": status(404),
    "forbidden": status(403),
    "refused": status(400),
    "in trouble": status(503),
    "empty": sends(b""),
    "too large": sends(FILM + b"more"),
    "cut short": sends(FILM[:9], announced=len(FILM)),
    "cut short, with an ETag": sends(FILM[:9], announced=len(FILM), ETag='"v1"'),
    "another encoding": sends(FILM, **{"Content-Encoding": "gzip"}),
    "elsewhere": status(302, Location=f"http://elsewhere.example/film.mp4?{QUERY}"),
    "within": status(302, Location=f"http://localhost:1/film.mp4?{QUERY}"),
    "nowhere": status(302, Location=f"http://[?{QUERY}"),
    "to a user's": status(302, Location=f"http://user:{PASSWORD}@elsewhere.example/film.mp4"),
    "round and round": status(302, Location=f"/film.mp4?{QUERY}"),
    "an echo": echoes("{request}\r\n\r\n"),
    "an echo in a header": echoes("HTTP/1.1 200 OK\r\n{request}\r\n\r\n"),
    "an echo in a status": echoes("HTTP/1.1 {request}\r\n\r\n"),
}


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Everything that was written so far, to whatever log at whatever level."""
    caplog.set_level(logging.DEBUG)

    def read() -> str:
        written = capfd.readouterr()
        records = (f"{record.getMessage()} {record.args}" for record in caplog.records)
        return "\n".join([written.out, written.err, *records])

    return read


def outcome(url: str, folder: Path, bucket: Bucket, settings: Settings) -> str:
    """What is said of a fetch: its error with all that led to it, or what it found."""
    try:
        fetched = fetch(url, folder / "source.mp4", bucket, settings)
    except NightreelError as error:
        return f"{error!r} {''.join(traceback.format_exception(error))}"
    return fetched.key_or_url


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_ending_of_a_fetch_tells_the_signature(
    origin: Origin,
    public: Bucket,
    settings: Settings,
    tmp_path: Path,
    told: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
) -> None:
    monkeypatch.setattr(fetching, "_PAUSES", (0.0,))
    origin.answers["/film.mp4"] = ENDINGS[ending]
    limited = changed(settings, max_source_bytes=len(FILM), allowed_hosts="localhost")
    url = f"{origin.url}/film.mp4?{QUERY}"
    said = outcome(url, tmp_path, public, limited)
    row = SourceRow(content_type="movie", content_id="1", name="A film", video_url=url)
    SourceSizes(public, limited, 60)([row])
    assert said
    # What was asked for was the signed URL, or nothing was tried.
    assert SIGNATURE in origin.asked[0]
    left = "\n".join(path.read_text(errors="replace") for path in tmp_path.rglob("*.json"))
    for text in (said, told(), left):
        assert SIGNATURE not in text
        assert PASSWORD not in text


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/film.mp4?{query}",
        "https://user:{password}@a.example/film.mp4?{query}",
        "http://localhost:1/film.mp4?{query}",
        "http://[?{query}",
        "s3://another/film.mp4?{query}",
        "s3://{bucket}/film.mp4?{query}",
        "film.mp4?{query}",
        "//user:{password}@a.example/film.mp4?{query}",
        "https://a.example:{password}/film.mp4?{query}",
        "https://cdn.example/media/film.mp4%3F{query}",
    ],
)
def test_no_url_that_leads_nowhere_is_told_with_its_signature(
    cdn: Bucket, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    # The client of the bucket writes its own signatures at the level below.
    caplog.set_level(logging.INFO)
    signed = url.format(query=QUERY, password=PASSWORD, bucket=cdn.name)
    said = outcome(signed, tmp_path, cdn, changed(settings, allowed_hosts="localhost"))
    row = SourceRow(content_type="movie", content_id="1", name="A film", video_url=signed)
    SourceSizes(cdn, settings, 60)([row])
    for text in (said, caplog.text):
        assert SIGNATURE not in text
        assert PASSWORD not in text


def test_hosts_that_are_not_there_are_told_without_the_signature(
    cdn: Bucket, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with running_origin() as gone:
        pass
    public = Bucket(cdn._client, cdn.name, f"{gone.url}/media")
    away = changed(settings, r2_endpoint_url=gone.url)
    silent = Bucket(client_from_settings(away), "media", "https://cdn.example")
    for url, bucket in ((f"{gone.url}/film.mp4?{QUERY}", public), (f"film.mp4?{QUERY}", silent)):
        said = outcome(url, tmp_path, bucket, settings)
        assert "StorageUnavailable" in said
        assert SIGNATURE not in said
    assert SIGNATURE not in caplog.text
