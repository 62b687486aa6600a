"""Bytes that a disk, a proxy or a network changed on the way, where the origin says what they should be."""

import hashlib
from pathlib import Path

import pytest

from nightreel.errors import StorageUnavailable
from nightreel.settings import Settings
from nightreel.sources.fetching import fetch
from nightreel.storage.bucket import Bucket
from tests.sources.origins import FILM, FILM_SHA256, Origin, changes, in_turn, sends

MD5 = hashlib.md5(FILM).hexdigest()


def wrong(place: int) -> bytes:
    return FILM[:place] + bytes([FILM[place] ^ 0xFF]) + FILM[place + 1 :]


def test_a_source_that_is_not_what_its_digest_says_is_fetched_again(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = changes(FILM, 1, ETag=f'"{MD5}"')
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert (tmp_path / "source.mp4").read_bytes() == FILM
    assert (fetched.size, fetched.sha256) == (len(FILM), FILM_SHA256)
    # The second copy comes in two pieces, and nothing of the wrong bytes was gone on with.
    assert len(origin.asked) == 3
    assert "Range" not in origin.headers[1]


def test_a_source_that_comes_wrong_in_another_way_each_time_is_worth_a_retry_and_leaves_nothing(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = in_turn(*(sends(wrong(place), ETag=f'"{MD5}"') for place in range(9)))
    with pytest.raises(StorageUnavailable, match=r"film\.mp4 .* different bytes each time"):
        fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert not (tmp_path / "source.mp4").exists()
    # A later try does not go on with them either.
    origin.answers["/film.mp4"] = sends(FILM, ETag=f'"{MD5}"')
    assert fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings).sha256 == FILM_SHA256


def test_bytes_that_are_changed_by_their_place_in_an_answer_are_not_taken_for_the_source(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = changes(FILM, 3, ETag=f'"{MD5}"')
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert fetched.sha256 == FILM_SHA256
    origin.answers["/film.mp4"] = changes(FILM, 99, ETag=f'"{MD5}"')
    with pytest.raises(StorageUnavailable, match=r"film\.mp4 .* different bytes each time"):
        fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)


@pytest.mark.parametrize("etag", ["0" * 32, MD5.upper(), f"{MD5}-3", "v1"])
def test_an_etag_that_is_no_digest_of_the_source_hinders_nothing(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, etag: str
) -> None:
    # As of objects that S3 keeps encrypted by KMS, and of hosts with ETags of their own.
    origin.answers["/film.mp4"] = sends(FILM, ETag=f'"{etag}"')
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert (fetched.etag, fetched.sha256) == (etag, FILM_SHA256)
