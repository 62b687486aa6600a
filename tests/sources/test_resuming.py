"""A fetch that breaks off goes on where it broke, if what comes is of the same bytes."""

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from nightreel.errors import StorageUnavailable
from nightreel.settings import Settings
from nightreel.sources import fetching
from nightreel.sources.fetching import Callbacks, fetch
from nightreel.sources.partial import Partial, Validator
from nightreel.storage.bucket import Bucket
from tests.sources.origins import FILM, FILM_SHA256, HALF, Answer, Origin, in_turn, sends, status

OTHER = FILM[::-1]


class Breaking:
    """Sends a film up to its half and breaks off; from there on what `then` says."""

    def __init__(self, then: Answer, etag: str = '"v1"') -> None:
        self.then = then
        self.etag = etag
        self.is_broken = False

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        if self.is_broken:
            self.then(handler)
            return
        self.is_broken = True
        sends(FILM[:HALF], announced=len(FILM), ETag=self.etag)(handler)
        handler.close_connection = True


def sends_rest(content: bytes = FILM, etag: str = '"v1"', begins_at: int | None = None) -> Answer:
    """A 206 of what was asked for, or of what begins elsewhere."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-"))
        begin = begin if begins_at is None else begins_at
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(content) - begin))
        handler.send_header("ETag", etag)
        handler.end_headers()
        handler.wfile.write(content[begin:])

    return answer


def test_a_fetch_goes_on_where_it_broke(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = Breaking(sends_rest())
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert (fetched.size, fetched.sha256, fetched.etag) == (len(FILM), FILM_SHA256, "v1")
    assert (tmp_path / "source.mp4").read_bytes() == FILM
    first, second = origin.headers
    assert "Range" not in first
    assert second["If-Match"] == '"v1"'
    assert 0 < int(second["Range"].removeprefix("bytes=").rstrip("-")) <= HALF
    assert [path.name for path in tmp_path.iterdir()] == ["source.mp4"]


@pytest.mark.parametrize(
    "then",
    [
        sends(OTHER, ETag='"v2"'),
        in_turn(status(412), sends(OTHER, ETag='"v2"')),
        in_turn(status(416), sends(OTHER, ETag='"v2"')),
        in_turn(sends_rest(OTHER, etag='"v2"'), sends(OTHER, ETag='"v2"')),
        in_turn(sends_rest(OTHER, begins_at=1), sends(OTHER, ETag='"v2"')),
        in_turn(sends_rest(OTHER + b"longer"), sends(OTHER, ETag='"v2"')),
    ],
    ids=["200", "412", "416", "another ETag", "another range", "another size"],
)
def test_a_fetch_begins_again_when_the_source_is_another(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, then: Answer
) -> None:
    origin.answers["/film.mp4"] = Breaking(then)
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert (tmp_path / "source.mp4").read_bytes() == OTHER
    assert (fetched.size, fetched.etag) == (len(OTHER), "v2")


@pytest.mark.parametrize("etag", ['W/"v1"', "", "v1"])
def test_what_names_no_version_of_itself_is_left_to_a_retry_as_a_whole(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, etag: str
) -> None:
    origin.answers["/film.mp4"] = Breaking(sends(FILM), etag)
    with pytest.raises(StorageUnavailable):
        fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert list(tmp_path.iterdir()) == []
    assert fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings).size == len(FILM)


def test_a_later_try_goes_on_with_what_an_earlier_one_left(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_PAUSES", ())
    origin.answers["/film.mp4"] = Breaking(sends_rest())
    partial = tmp_path / "partial"
    with pytest.raises(StorageUnavailable, match=r"film\.mp4"):
        fetch(f"{origin.url}/film.mp4?sig=1", tmp_path / "1", public, settings, partial=partial)
    assert 0 < partial.stat().st_size <= HALF
    fetched = fetch(f"{origin.url}/film.mp4?sig=2", tmp_path / "2", public, settings, partial=partial)
    assert fetched.sha256 == FILM_SHA256
    assert "Range" in origin.headers[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["2"]


def left_of(path: Path, content: bytes, validator: Validator) -> Path:
    with Partial(path) as partial:
        partial.begin(validator)
        partial.write(content)
    return path


def test_two_tries_at_once_do_not_write_into_one_file(
    cdn: Bucket, settings: Settings, tmp_path: Path
) -> None:
    cdn.put_bytes("film.mp4", FILM, "video/mp4", "no-store")
    head = cdn.head("film.mp4")
    assert head
    shared = tmp_path / "partial"
    with Partial(shared) as first:
        first.begin(Validator(key_or_url="film.mp4", etag=head.etag, size=len(FILM)))
        first.write(FILM[:HALF])
        fetched = fetch("film.mp4", tmp_path / "source.mp4", cdn, settings, partial=shared)
        first.write(FILM[HALF:])
        first.move_to(tmp_path / "first.mp4")
    assert fetched.sha256 == first.sha256 == FILM_SHA256
    assert (tmp_path / "source.mp4").read_bytes() == (tmp_path / "first.mp4").read_bytes() == FILM
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.mp4", "source.mp4"]


def test_an_object_of_the_bucket_is_gone_on_with(cdn: Bucket, settings: Settings, tmp_path: Path) -> None:
    cdn.put_bytes("film.mp4", FILM, "video/mp4", "no-store")
    head = cdn.head("film.mp4")
    assert head
    validator = Validator(key_or_url="film.mp4", etag=head.etag, size=len(FILM))
    partial = left_of(tmp_path / "partial", FILM[:HALF], validator)
    seen: list[int] = []
    told = Callbacks(progress=lambda received, _: seen.append(received))
    fetched = fetch("film.mp4", tmp_path / "source.mp4", cdn, settings, partial=partial, callbacks=told)
    assert fetched.sha256 == FILM_SHA256
    assert min(seen) > HALF


def test_what_an_earlier_try_left_wrong_is_fetched_from_its_beginning(
    cdn: Bucket, settings: Settings, tmp_path: Path
) -> None:
    cdn.put_bytes("film.mp4", FILM, "video/mp4", "no-store")
    head = cdn.head("film.mp4")
    assert head
    validator = Validator(key_or_url="film.mp4", etag=head.etag, size=len(FILM))
    partial = left_of(tmp_path / "partial", b"x" * HALF, validator)
    fetched = fetch("film.mp4", tmp_path / "source.mp4", cdn, settings, partial=partial)
    assert fetched.sha256 == FILM_SHA256


@pytest.mark.parametrize("received", [HALF, len(FILM), len(FILM) + 1])
def test_an_object_that_changed_is_fetched_from_its_beginning(
    cdn: Bucket, settings: Settings, tmp_path: Path, received: int
) -> None:
    cdn.put_bytes("film.mp4", FILM, "video/mp4", "no-store")
    validator = Validator(key_or_url="film.mp4", etag="0" * 32, size=received)
    partial = left_of(tmp_path / "partial", b"x" * received, validator)
    fetched = fetch("film.mp4", tmp_path / "source.mp4", cdn, settings, partial=partial)
    assert fetched.sha256 == FILM_SHA256


def test_what_was_left_of_another_source_is_not_gone_on_with(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = sends(FILM, ETag='"v1"')
    validator = Validator(key_or_url=f"{origin.url}/other.mp4", etag="v1", size=len(FILM))
    partial = left_of(tmp_path / "partial", b"x" * HALF, validator)
    fetched = fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings, partial=partial)
    assert fetched.sha256 == FILM_SHA256
