"""Which hosts a source is fetched from, and where a redirect may lead."""

from pathlib import Path

import pytest

from nightreel.settings import Settings
from nightreel.sources.fetching import fetch, head_source
from nightreel.storage.bucket import Bucket
from tests.sources.conftest import rejection
from tests.sources.origins import FILM, FILM_SHA256, Origin, running_origin, sends, status


def test_a_host_that_is_not_allowed_is_named_with_the_cure(
    origin: Origin, cdn: Bucket, bucket_settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = sends(FILM)
    rejected = rejection(f"{origin.url}/film.mp4", tmp_path, cdn, bucket_settings)
    assert rejected.code == "host_not_allowed"
    assert "127.0.0.1" in rejected.sentence
    assert "NIGHTREEL_ALLOWED_HOSTS" in rejected.sentence
    assert origin.asked == []


def test_the_host_of_the_public_url_is_allowed_on_its_own_port_only(
    origin: Origin, cdn: Bucket, bucket_settings: Settings, tmp_path: Path
) -> None:
    public = Bucket(cdn._client, cdn.name, f"{origin.url}/media")
    origin.answers["/other/film.mp4"] = sends(FILM)
    assert fetch(f"{origin.url}/other/film.mp4", tmp_path / "film", public, bucket_settings).size == len(FILM)
    with running_origin() as other:
        assert (
            rejection(f"{other.url}/film.mp4", tmp_path, public, bucket_settings).code == "host_not_allowed"
        )
        assert other.asked == []


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_on_an_allowed_host_is_followed(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, code: int
) -> None:
    origin.answers["/old/film.mp4"] = status(code, Location="../new/film.mp4")
    origin.answers["/new/film.mp4"] = sends(FILM)
    fetched = fetch(f"{origin.url}/old/film.mp4", tmp_path / "source.mp4", public, settings)
    assert fetched.sha256 == FILM_SHA256
    assert head_source(f"{origin.url}/old/film.mp4", public, settings) == len(FILM)


@pytest.mark.parametrize(
    "location", ["http://localhost:{port}/film.mp4", "//localhost:{port}/film.mp4", "file:///etc/passwd"]
)
def test_a_redirect_to_a_host_that_is_not_allowed_is_not_followed(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, location: str
) -> None:
    origin.answers["/film.mp4"] = sends(FILM)
    origin.answers["/old.mp4"] = status(302, Location=location.format(port=origin.port))
    rejected = rejection(f"{origin.url}/old.mp4", tmp_path, public, settings)
    assert rejected.code in ("host_not_allowed", "unsupported_url")
    assert origin.asked == ["/old.mp4"]


def test_the_fifth_redirect_is_the_last(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    for number in range(6):
        origin.answers[f"/{number}"] = status(302, Location=f"/{number + 1}")
    origin.answers["/6"] = sends(FILM)
    assert rejection(f"{origin.url}/0", tmp_path, public, settings).code == "too_many_redirects"
    assert fetch(f"{origin.url}/1", tmp_path / "source.mp4", public, settings).size == len(FILM)
