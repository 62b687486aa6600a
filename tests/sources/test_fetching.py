"""Sources over HTTP come from a real server, which sends what each test tells it to."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from nightreel.errors import StorageUnavailable
from nightreel.settings import Settings
from nightreel.sources.fetching import Callbacks, fetch, head_source
from nightreel.storage.bucket import Bucket
from tests.sources.conftest import changed, rejection
from tests.sources.origins import FILM, FILM_SHA256, Origin, running_origin, sends, status


@pytest.mark.parametrize(
    "url",
    [
        "uploads/a film+é.mp4",
        "/uploads/a film+é.mp4",
        "s3://{bucket}/uploads/a film+é.mp4",
        "https://cdn.example/media/uploads/a%20film+%C3%A9.mp4",
        "HTTPS://CDN.example:443/media/uploads/a%20film+%C3%A9.mp4?v=2",
    ],
)
def test_a_source_in_the_bucket_is_read_from_the_bucket(
    cdn: Bucket, settings: Settings, tmp_path: Path, url: str
) -> None:
    key = "uploads/a film+é.mp4"
    cdn.put_bytes(key, FILM, "video/mp4", "no-store")
    fetched = fetch(url.format(bucket=cdn.name), tmp_path / "source.mp4", cdn, settings)
    assert (tmp_path / "source.mp4").read_bytes() == FILM
    assert (fetched.size, fetched.sha256) == (len(FILM), FILM_SHA256)
    assert (fetched.key_or_url, fetched.etag) == (key, hashlib.md5(FILM).hexdigest())
    assert head_source(url.format(bucket=cdn.name), cdn, settings) == len(FILM)


def test_a_source_on_an_allowed_host_is_fetched(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = sends(FILM, ETag='W/"v1"')
    fetched = fetch(f"{origin.url}/film.mp4?token=1", tmp_path / "source.mp4", public, settings)
    assert (tmp_path / "source.mp4").read_bytes() == FILM
    assert (fetched.size, fetched.etag, fetched.sha256) == (len(FILM), "v1", FILM_SHA256)
    assert fetched.key_or_url == f"{origin.url}/film.mp4"
    assert origin.asked == ["/film.mp4?token=1"]
    assert [path.name for path in tmp_path.iterdir()] == ["source.mp4"]


def test_a_source_of_unannounced_length_is_fetched(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = sends(FILM, announced=-1)
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert (fetched.size, fetched.sha256) == (len(FILM), FILM_SHA256)


def test_progress_ends_at_the_size_of_the_source(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = sends(FILM)
    seen: list[tuple[int, int | None]] = []
    told = Callbacks(progress=lambda *now: seen.append(now))
    fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings, callbacks=told)
    assert seen == sorted(seen)
    assert seen[-1] == (len(FILM), len(FILM))


def test_a_source_that_breaks_off_is_worth_a_retry(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = sends(FILM, announced=len(FILM) + 1)
    (tmp_path / "source.mp4").write_bytes(b"of an earlier try")
    with pytest.raises(StorageUnavailable, match=r"film\.mp4"):
        fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert [path.name for path in tmp_path.iterdir()] == ["source.mp4"]
    assert (tmp_path / "source.mp4").read_bytes() == b"of an earlier try"


@pytest.mark.parametrize("code", [408, 429, 500, 503])
def test_a_host_in_trouble_is_worth_a_retry(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, code: int
) -> None:
    origin.answers["/film.mp4"] = status(code)
    with pytest.raises(StorageUnavailable, match=str(code)):
        fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)


def test_a_host_that_does_not_answer_is_worth_a_retry(
    cdn: Bucket, settings: Settings, tmp_path: Path
) -> None:
    with running_origin() as gone:
        pass
    public = Bucket(cdn._client, cdn.name, f"{gone.url}/media")
    with pytest.raises(StorageUnavailable):
        fetch(f"{gone.url}/film.mp4", tmp_path / "source.mp4", public, settings)


def test_a_silent_host_is_given_up(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    awake = threading.Event()
    origin.answers["/film.mp4"] = lambda _: awake.wait() and None
    try:
        with pytest.raises(StorageUnavailable):
            fetch(
                f"{origin.url}/film.mp4",
                tmp_path / "source.mp4",
                public,
                changed(settings, fetch_timeout_seconds=1),
            )
    finally:
        awake.set()


@pytest.mark.parametrize("is_dripping_its_head", [True, False])
def test_a_host_that_sends_a_byte_now_and_then_is_given_up(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, is_dripping_its_head: bool
) -> None:
    over = threading.Event()

    def drips(handler: BaseHTTPRequestHandler) -> None:
        if not is_dripping_its_head:
            sends(b"", announced=len(FILM))(handler)
        while not over.wait(0.05):
            handler.wfile.write(b"H")
            handler.wfile.flush()

    origin.answers["/film.mp4"] = drips
    try:
        with pytest.raises(StorageUnavailable, match="next to nothing"):
            fetch(
                f"{origin.url}/film.mp4",
                tmp_path / "source.mp4",
                public,
                changed(settings, fetch_timeout_seconds=1),
            )
    finally:
        over.set()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (404, "source_missing"),
        (410, "source_missing"),
        (401, "source_forbidden"),
        (403, "source_forbidden"),
        (400, "source_refused"),
    ],
)
def test_a_refusal_quarantines_the_title(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, code: int, reason: str
) -> None:
    origin.answers["/film.mp4"] = status(code)
    rejected = rejection(f"{origin.url}/film.mp4?signature=secret", tmp_path, public, settings)
    assert rejected.code == reason
    assert str(code) in rejected.sentence
    assert "secret" not in rejected.sentence


@pytest.mark.parametrize("url", ["nothing/here.mp4", "s3://{bucket}/nothing/here.mp4"])
def test_an_object_that_is_not_in_the_bucket_quarantines_the_title(
    cdn: Bucket, settings: Settings, tmp_path: Path, url: str
) -> None:
    rejected = rejection(url.format(bucket=cdn.name), tmp_path, cdn, settings)
    assert rejected.code == "source_missing"
    assert "nothing/here.mp4" in rejected.sentence
    assert head_source(url.format(bucket=cdn.name), cdn, settings) is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "no_source_url"),
        ("  ", "no_source_url"),
        ("ftp://cdn.example/film.mp4", "unsupported_url"),
        ("file:///etc/passwd", "unsupported_url"),
        ("s3://another-bucket/film.mp4", "bucket_not_allowed"),
        ("s3://{bucket}", "bad_source_url"),
        ("https://user:secret@cdn.example/media/film.mp4", "bad_source_url"),
        ("https:///film.mp4", "bad_source_url"),
        ("https://cdn.example:port/film.mp4", "bad_source_url"),
        ("k" * 1025, "bad_source_url"),
        ("https://elsewhere.example/film.mp4", "host_not_allowed"),
        ("https://cdn.example.elsewhere.example/media/film.mp4", "host_not_allowed"),
        ("https://sub.cdn.example/media/film.mp4", "host_not_allowed"),
        ("https://cdn.example:8443/media/film.mp4", "host_not_allowed"),
        ("http://169.254.169.254/latest/meta-data", "host_not_allowed"),
        ("http://localhost/film.mp4", "host_not_allowed"),
        ("http://[::1]/film.mp4", "host_not_allowed"),
        ("http://cdn.example/elsewhere/film.mp4", "insecure_url"),
    ],
)
def test_any_other_url_quarantines_the_title(
    cdn: Bucket, settings: Settings, tmp_path: Path, url: str, reason: str
) -> None:
    rejected = rejection(url.format(bucket=cdn.name), tmp_path, cdn, settings)
    assert rejected.code == reason
    assert "secret" not in rejected.sentence


@pytest.mark.parametrize("announced", [None, -1])
def test_a_source_larger_than_allowed_quarantines_the_title(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, announced: int | None
) -> None:
    origin.answers["/film.mp4"] = sends(FILM, announced)
    small = changed(settings, max_source_bytes=len(FILM) - 1)
    assert rejection(f"{origin.url}/film.mp4", tmp_path, public, small).code == "source_too_large"
    exact = changed(settings, max_source_bytes=len(FILM))
    assert fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, exact).size == len(FILM)


@pytest.mark.parametrize("announced", [None, -1])
def test_an_empty_source_quarantines_the_title(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, announced: int | None
) -> None:
    origin.answers["/film.mp4"] = sends(b"", announced)
    assert rejection(f"{origin.url}/film.mp4", tmp_path, public, settings).code == "source_empty"


def test_an_unknown_size_is_none(origin: Origin, public: Bucket, settings: Settings) -> None:
    origin.answers["/unannounced.mp4"] = sends(FILM, announced=-1)
    origin.answers["/refused.mp4"] = status(405)
    assert head_source(f"{origin.url}/unannounced.mp4", public, settings) is None
    assert head_source(f"{origin.url}/refused.mp4", public, settings) is None
    assert head_source(f"{origin.url}/nothing.mp4", public, settings) is None


def test_the_source_in_the_bucket_is_left_as_it_was(cdn: Bucket, settings: Settings, tmp_path: Path) -> None:
    cdn.put_bytes("film.mp4", FILM, "video/mp4", "no-store")
    before = list(cdn.list(""))
    fetch("film.mp4", tmp_path / "source.mp4", cdn, settings)
    assert list(cdn.list("")) == before
