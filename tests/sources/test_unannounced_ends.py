"""A connection that is closed ends a source, or breaks it off: whoever announces no length is asked again."""

import gzip
import zlib
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from nightreel.errors import SourceRejected, StorageUnavailable
from nightreel.settings import Settings
from nightreel.sources.fetching import fetch
from nightreel.storage.bucket import Bucket
from tests.sources.origins import FILM, FILM_SHA256, HALF, Answer, Origin, in_turn, sends


def closes_after(content: bytes, **headers: str) -> Answer:
    return sends(content, announced=-1, **headers)


def knows_ranges(content: bytes, first: bytes, **headers: str) -> Answer:
    """Closes after `first`, announcing nothing; to who asks for what follows, it says exactly that."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if "Range" not in handler.headers:
            closes_after(first, **headers)(handler)
            return
        begin = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-"))
        rest = content[begin:]
        handler.send_response(206 if rest else 416)
        said = f"{begin}-{len(content) - 1}" if rest else "*"
        handler.send_header("Content-Range", f"bytes {said}/{len(content)}")
        handler.send_header("Content-Length", str(len(rest)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(rest)

    return answer


def test_a_source_of_no_length_that_was_cut_short_is_fetched_again(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = in_turn(closes_after(FILM[:HALF]), closes_after(FILM))
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert (fetched.size, fetched.sha256) == (len(FILM), FILM_SHA256)
    assert (tmp_path / "source.mp4").read_bytes() == FILM


@pytest.mark.parametrize("headers", [{}, {"ETag": '"v1"'}], ids=["no ETag", "an ETag"])
def test_whoever_knows_ranges_says_that_nothing_follows(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, headers: dict[str, str]
) -> None:
    origin.answers["/film.mp4"] = knows_ranges(FILM, FILM, **headers)
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert fetched.sha256 == FILM_SHA256
    assert [asked.get("Range") for asked in origin.headers] == [None, f"bytes={len(FILM)}-"]


def test_what_follows_a_cut_is_appended_where_the_etag_is_the_same(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = knows_ranges(FILM, FILM[:HALF], ETag='"v1"')
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert fetched.sha256 == FILM_SHA256
    assert [asked.get("Range") for asked in origin.headers] == [None, f"bytes={HALF}-"]


def test_a_source_that_ends_elsewhere_each_time_is_worth_a_retry_and_leaves_nothing(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = in_turn(*(closes_after(FILM[: HALF + cut]) for cut in range(9)))
    with pytest.raises(StorageUnavailable, match="no length"):
        fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert list(tmp_path.iterdir()) == []
    assert len(origin.asked) < 6


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate"])
@pytest.mark.parametrize("is_announced", [True, False])
def test_a_source_that_is_sent_packed_is_unpacked(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, encoding: str, is_announced: bool
) -> None:
    packed = zlib.compress(FILM) if encoding == "deflate" else gzip.compress(FILM)
    announced = len(packed) if is_announced else -1
    origin.answers["/film.mp4"] = sends(packed, announced, **{"Content-Encoding": encoding, "ETag": '"v1"'})
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert (fetched.size, fetched.sha256) == (len(FILM), FILM_SHA256)


def test_a_packing_that_nobody_can_undo_quarantines_the_title(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = sends(FILM, **{"Content-Encoding": "br"})
    with pytest.raises(SourceRejected) as raised:
        fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert raised.value.code == "source_encoded"
    assert list(tmp_path.iterdir()) == []
