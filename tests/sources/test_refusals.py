"""What an origin or a bucket answers is laid at the right door."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from nightreel.errors import ConfigurationError, SourceRejected
from nightreel.settings import Settings
from nightreel.sources.fetching import fetch
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from tests.sources.conftest import changed
from tests.sources.origins import Answer, Origin, running_origin


def says(status: int, code: str, message: str = "No.") -> Answer:
    """An S3 service's refusal."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/xml")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


class Objects:
    """An S3 service that keeps what is put, and refuses to hand out one key, or everything."""

    def __init__(self, origin: Origin) -> None:
        self.kept: dict[str, bytes] = {}
        self.refusal: Answer = says(404, "NoSuchKey")
        self.refuses_all = False
        self.url = origin.url
        origin.otherwise = self

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "PUT":
            length = int(handler.headers.get("Content-Length", 0))
            self.kept[handler.path.partition("?")[0]] = handler.rfile.read(length)
        content = self.kept.get(handler.path.partition("?")[0])
        if self.refuses_all or (content is None and handler.command != "DELETE"):
            self.refusal(handler)
            return
        handler.send_response(200)
        handler.send_header("ETag", '"0"')
        handler.send_header("Last-Modified", "Sun, 29 Nov 2026 00:00:00 GMT")
        body = content if handler.command == "GET" and content is not None else b""
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def objects() -> Iterator[Objects]:
    with running_origin() as origin:
        yield Objects(origin)


@pytest.fixture
def service(objects: Objects, bucket_settings: Settings) -> Bucket:
    options = changed(bucket_settings, r2_endpoint_url=objects.url)
    return Bucket(client_from_settings(options), "media", "https://cdn.example")


@pytest.mark.parametrize(
    ("status", "code", "reason", "cure"),
    [
        (403, "AccessDenied", "source_forbidden", "may not be listed"),
        (403, "InvalidObjectState", "source_archived", "restore it"),
        (400, "InvalidRequest", "source_encrypted", "SSE-C"),
    ],
)
def test_an_object_that_is_not_handed_out_is_a_verdict_on_its_title(
    objects: Objects,
    service: Bucket,
    settings: Settings,
    tmp_path: Path,
    status: int,
    code: str,
    reason: str,
    cure: str,
) -> None:
    objects.refusal = says(status, code)
    with pytest.raises(SourceRejected) as raised:
        fetch("films/7.mp4", tmp_path / "source.mp4", service, settings)
    assert raised.value.code == reason
    assert "films/7.mp4" in raised.value.sentence
    assert cure in raised.value.sentence
    assert "R2_ACCESS_KEY_ID" not in raised.value.sentence


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"])
def test_a_bucket_that_refuses_everything_is_a_fault_of_the_set_up(
    objects: Objects, service: Bucket, settings: Settings, tmp_path: Path, code: str
) -> None:
    objects.refuses_all, objects.refusal = True, says(403, code)
    with pytest.raises(ConfigurationError, match="R2_ACCESS_KEY_ID"):
        fetch("films/7.mp4", tmp_path / "source.mp4", service, settings)


@pytest.mark.parametrize(
    ("answer", "reason", "cure"),
    [
        (says(403, "AccessDenied", "Request has expired"), "source_link_expired", "new one"),
        (says(400, "ExpiredToken"), "source_refused", "400"),
        (says(403, "ExpiredToken"), "source_link_expired", "new one"),
        (says(403, "InvalidObjectState"), "source_archived", "restore it"),
        (says(403, "AccessDenied"), "source_forbidden", "used up"),
        (says(401, "<script>"), "source_forbidden", "401"),
    ],
)
def test_a_link_that_is_refused_is_told_for_what_it_is(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, answer: Answer, reason: str, cure: str
) -> None:
    origin.answers["/film.mp4"] = answer
    with pytest.raises(SourceRejected) as raised:
        fetch(f"{origin.url}/film.mp4?X-Amz-Signature=secret", tmp_path / "source.mp4", public, settings)
    assert raised.value.code == reason
    assert cure in raised.value.sentence
    assert "secret" not in raised.value.sentence
    assert "script" not in raised.value.sentence


def test_a_question_mark_or_a_hash_that_leads_nowhere_is_told_for_what_it_is(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    for url, cure in (
        ("films/7.mp4?X-Amz-Signature=secret", "part of the key"),
        ("films/what #7.mp4", "part of the key"),
        (f"{origin.url}/what%20#7.mp4", "%23"),
    ):
        with pytest.raises(SourceRejected) as raised:
            fetch(url, tmp_path / "source.mp4", public, settings)
        assert raised.value.code == "source_missing"
        assert cure in raised.value.sentence
        assert "secret" not in raised.value.sentence
