"""A fetch that ends early: the disk is full, the source too large, or its run may not go on."""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from nightreel.errors import ClaimLost, SourceRejected, WorkAreaFull
from nightreel.settings import Settings
from nightreel.sources import fetching
from nightreel.sources.fetching import Callbacks, fetch
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from tests.sources.conftest import changed
from tests.sources.origins import FILM, HALF, Origin, running_origin, sends


def test_a_source_of_no_length_ends_where_the_disk_would_be_full(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_LOOK_BYTES", 1 << 20)
    asked: list[int] = []

    def require_free(wanted: int) -> None:
        asked.append(wanted)
        if len(asked) == 2:
            raise WorkAreaFull("the disk has too little room")

    origin.answers["/film.mp4"] = sends(FILM, announced=-1, ETag='"v1"')
    with pytest.raises(WorkAreaFull):
        fetch(
            f"{origin.url}/film.mp4",
            tmp_path / "source.mp4",
            public,
            settings,
            callbacks=Callbacks(require_free=require_free),
        )
    assert min(asked) > 0
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_received_of_a_source_that_does_not_fit(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    def require_free(wanted: int) -> None:
        assert wanted >= len(FILM)
        raise WorkAreaFull("the disk has too little room")

    origin.answers["/film.mp4"] = sends(FILM, ETag='"v1"')
    told: list[int] = []
    callbacks = Callbacks(require_free=require_free, progress=lambda received, _: told.append(received))
    with pytest.raises(WorkAreaFull):
        fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings, callbacks=callbacks)
    assert told == []
    assert list(tmp_path.iterdir()) == []


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_takes_no_more_is_named_as_that(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = sends(FILM, ETag='"v1"')
    with files_of_at_most(HALF), pytest.raises(WorkAreaFull, match="NIGHTREEL_WORK_AREA"):
        fetch(f"{origin.url}/film.mp4", tmp_path / "source.mp4", public, settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_silent_at", [0, HALF])
def test_a_fetch_ends_while_its_host_is_silent_when_it_may_not_go_on(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path, is_silent_at: int
) -> None:
    awake, lost = threading.Event(), threading.Event()

    def falls_silent(handler: BaseHTTPRequestHandler) -> None:
        if is_silent_at:
            sends(FILM[:is_silent_at], announced=len(FILM), ETag='"v1"')(handler)
            handler.wfile.flush()
        lost.set()
        awake.wait()

    def go_on() -> None:
        if lost.is_set():
            raise ClaimLost("another run has it")

    origin.answers["/film.mp4"] = falls_silent
    try:
        # Without the question the host's silence would be the end of it, and another error.
        with pytest.raises(ClaimLost):
            fetch(
                f"{origin.url}/film.mp4",
                tmp_path / "source.mp4",
                public,
                changed(settings, fetch_timeout_seconds=30),
                callbacks=Callbacks(go_on=go_on),
            )
    finally:
        awake.set()
    assert list(tmp_path.iterdir()) == []


def test_a_source_without_length_that_is_too_large_leaves_nothing(
    origin: Origin, public: Bucket, settings: Settings, tmp_path: Path
) -> None:
    origin.answers["/film.mp4"] = sends(FILM, announced=-1, ETag='"v1"')
    with pytest.raises(SourceRejected) as raised:
        fetch(
            f"{origin.url}/film.mp4",
            tmp_path / "source.mp4",
            public,
            changed(settings, max_source_bytes=HALF),
        )
    assert raised.value.code == "source_too_large"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_silent_at", [None, 0, HALF])
def test_a_fetch_from_a_bucket_that_is_silent_ends_when_it_may_not_go_on(
    bucket_settings: Settings, tmp_path: Path, is_silent_at: int | None
) -> None:
    awake, lost = threading.Event(), threading.Event()

    def falls_silent(handler: BaseHTTPRequestHandler) -> None:
        if is_silent_at is not None:
            modified = "Sun, 29 Nov 2026 00:00:00 GMT"
            headers = {"ETag": '"v1"', "Last-Modified": modified}
            sends(FILM[:is_silent_at], announced=len(FILM), **headers)(handler)
            handler.wfile.flush()
        lost.set()
        awake.wait()

    def go_on() -> None:
        if lost.is_set():
            raise ClaimLost("another run has it")

    with running_origin() as service:
        service.otherwise = falls_silent
        client = client_from_settings(changed(bucket_settings, r2_endpoint_url=service.url))
        silent = Bucket(client, "media", "https://cdn.example")
        try:
            with pytest.raises(ClaimLost):
                fetch(
                    "film.mp4",
                    tmp_path / "source.mp4",
                    silent,
                    bucket_settings,
                    callbacks=Callbacks(go_on=go_on),
                )
        finally:
            awake.set()
    assert list(tmp_path.iterdir()) == []
