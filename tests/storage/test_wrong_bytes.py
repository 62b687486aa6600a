"""Objects whose bytes something between the bucket and this machine changes."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightreel.errors import StorageUnavailable
from nightreel.settings import Settings, load_settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from tests.sources.origins import FILM, FILM_SHA256, Answer, Origin, changes, in_turn, running_origin, sends

MD5 = hashlib.md5(FILM).hexdigest()
KEY = "some/film"


@pytest.fixture
def origin() -> Iterator[Origin]:
    with running_origin() as running:
        yield running


@pytest.fixture
def far(origin: Origin, bucket_settings: Settings) -> Bucket:
    """A bucket whose service answers as each test says."""
    settings = load_settings(**{**bucket_settings.model_dump(), "r2_endpoint_url": origin.url})
    return Bucket(client_from_settings(settings), settings.r2_bucket_name, settings.r2_public_url)


def answers(far: Bucket, origin: Origin, *contents: bytes, etag: str = MD5) -> None:
    each: list[Answer] = [sends(content, **_headers(etag)) for content in contents]
    origin.answers[f"/{far.name}/{KEY}"] = in_turn(*each)


def changed(far: Bucket, origin: Origin, times: int, etag: str = MD5) -> None:
    """The first answers, whole or in part, have a wrong byte in their middle."""
    origin.answers[f"/{far.name}/{KEY}"] = changes(FILM, times, **_headers(etag))


def _headers(etag: str) -> dict[str, str]:
    return {"ETag": f'"{etag}"', "Last-Modified": "Sun, 29 Nov 2026 12:00:00 GMT"}


def wrong(place: int) -> bytes:
    return FILM[:place] + bytes([FILM[place] ^ 0xFF]) + FILM[place + 1 :]


def test_an_object_that_is_not_what_its_etag_says_is_read_again(
    far: Bucket, origin: Origin, tmp_path: Path
) -> None:
    changed(far, origin, 1)
    assert far.get_bytes(KEY) == FILM
    changed(far, origin, 1)
    assert far.download(KEY, tmp_path / "film") is not None
    assert (tmp_path / "film").read_bytes() == FILM
    # The second copy comes in two pieces.
    assert len(origin.asked) == 6


def test_an_object_that_comes_wrong_in_another_way_each_time_is_worth_a_retry_and_leaves_nothing(
    far: Bucket, origin: Origin, tmp_path: Path
) -> None:
    answers(far, origin, *(wrong(place) for place in range(9)))
    with pytest.raises(StorageUnavailable, match=f"{KEY} .* different bytes"):
        far.get_bytes(KEY)
    with pytest.raises(StorageUnavailable, match=f"{KEY} .* different bytes"):
        far.download(KEY, tmp_path / "film")
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_are_changed_by_their_place_in_an_answer_are_not_taken_for_the_object(
    far: Bucket, origin: Origin
) -> None:
    changed(far, origin, 3)
    assert far.get_bytes(KEY) == FILM
    changed(far, origin, 99)
    with pytest.raises(StorageUnavailable, match=f"{KEY} .* different bytes"):
        far.get_bytes(KEY)


@pytest.mark.parametrize("etag", ["0" * 32, f"{MD5}-3", "v1"])
def test_an_etag_that_is_no_digest_hinders_nothing(far: Bucket, origin: Origin, etag: str) -> None:
    changed(far, origin, 0, etag=etag)
    assert far.get_bytes(KEY) == FILM


def test_whose_digest_is_known_is_never_taken_for_something_else(
    far: Bucket, origin: Origin, tmp_path: Path
) -> None:
    answers(far, origin, wrong(7), wrong(7), FILM, etag="v1")
    assert far.download(KEY, tmp_path / "film", sha256=FILM_SHA256) is not None
    assert (tmp_path / "film").read_bytes() == FILM
    answers(far, origin, wrong(7))
    with pytest.raises(StorageUnavailable, match=f"{KEY} .* different bytes"):
        far.download(KEY, tmp_path / "again", sha256=FILM_SHA256)
