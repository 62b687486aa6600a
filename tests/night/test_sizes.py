"""Sizes are asked of the sources' hosts: of all at once, and of none for long."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from nightreel.night import sizes
from nightreel.night.rows import SourceRow
from nightreel.night.sizes import SourceSizes
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from tests.sources.origins import Origin, sends


def row(number: int, url: str | None, size: int | None = None) -> SourceRow:
    return SourceRow(
        content_type="movie", content_id=str(number), name="A film", video_url=url, source_bytes=size
    )


def test_sizes_come_from_the_catalog_or_else_from_the_origin(
    bucket: Bucket, bucket_settings: Settings
) -> None:
    for number in (1, 2):
        bucket.put_bytes(f"films/{number}.mp4", b"x" * number, "video/mp4", "no-store")
    rows = [
        row(1, "films/1.mp4"),
        row(2, f"s3://{bucket.name}/films/2.mp4"),
        row(3, "films/1.mp4", 300),
        row(4, "films/missing.mp4"),
        row(5, "https://not-allowed.example/film.mp4"),
        row(6, None),
    ]
    sized = SourceSizes(bucket, bucket_settings, 60)(rows)
    assert [each.source_bytes for each in sized] == [1, 2, 300, None, None, None]
    assert [each.content_id for each in sized] == [each.content_id for each in rows]


@contextmanager
def silent_host() -> Iterator[tuple[str, list[socket.socket]]]:
    """Takes connections and says nothing; its URL, and who has connected."""
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:

        def take() -> None:
            with suppress(OSError):
                while True:
                    connections.append(listening.accept()[0])

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", connections
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in connections:
        connection.close()


def test_a_host_that_is_silent_twice_is_not_asked_again_and_holds_up_no_other(
    bucket: Bucket, bucket_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "_SILENCE_SECONDS", 1)
    bucket.put_bytes("film.mp4", b"x" * 7, "video/mp4", "no-store")
    with silent_host() as (host, connections):
        silent = Bucket(bucket._client, bucket.name, f"{host}/media")
        rows = [row(number, f"{host}/{number}.mp4") for number in range(1000)]
        sized = SourceSizes(silent, bucket_settings, 3600)([*rows, row(1000, "film.mp4")])
    assert {each.source_bytes for each in sized[:-1]} == {None}
    assert sized[-1].source_bytes == 7
    assert len(connections) == 2


def test_many_hosts_that_are_silent_take_no_longer_than_the_patience_for_all(
    bucket: Bucket, bucket_settings: Settings
) -> None:
    with silent_host() as (host, _):
        silent = Bucket(bucket._client, bucket.name, f"{host}/media")
        before = threading.active_count()
        rows = [row(1, f"{host}/1.mp4")]
        assert SourceSizes(silent, bucket_settings, 0.3)(rows) == rows
        # Nor do their threads hold up the end of the process.
        for thread in threading.enumerate():
            if thread.name.startswith("source-size"):
                thread.join(timeout=5)
        assert threading.active_count() <= before


def test_a_host_that_answers_is_asked_for_all_of_its_sources(
    origin: Origin, public: Bucket, settings: Settings
) -> None:
    for number in range(50):
        origin.answers[f"/{number}.mp4"] = sends(b"x" * (number + 1))
    rows = [row(number, f"{origin.url}/{number}.mp4") for number in range(50)]
    sized = SourceSizes(public, settings, 60)(rows)
    assert [each.source_bytes for each in sized] == list(range(1, 51))


def test_a_malformed_url_has_no_size_and_ends_nothing(bucket: Bucket, bucket_settings: Settings) -> None:
    urls = ["http://[", "http://a:b/", "https://\ud800/", "k" * 2000, "http://exämple.example/ü"]
    rows = [row(number, url) for number, url in enumerate(urls)]
    assert SourceSizes(bucket, bucket_settings, 60)(rows) == rows


def test_a_link_that_may_work_only_once_is_not_spent_on_its_size(
    origin: Origin, public: Bucket, settings: Settings
) -> None:
    rows = [row(1, f"{origin.url}/film.mp4?X-Amz-Signature=0")]
    assert SourceSizes(public, settings, 60)(rows) == rows
    assert origin.asked == []
