"""The web app behind a real server, and a host whose videos it may stream."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from nightreel.media.programs.binaries import find_binaries
from nightreel.web.services import Services
from tests.media.clips import Clip, Sound, remuxed
from tests.web.streams.servers import Host, Internal, Page, running_host, running_internal, serving

LONG_SECONDS = 1200.0


@pytest.fixture(scope="package")
def ffmpeg() -> str:
    return find_binaries().ffmpeg


@pytest.fixture(scope="package")
def clip(tmp_path_factory: pytest.TempPathFactory, ffmpeg: str) -> Path:
    """Five seconds with sound; its index is at the end, so that FFmpeg has to seek."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    return Clip(seconds=5.0, sounds=(Sound(seconds=5.0),)).write(path, ffmpeg)


@pytest.fixture(scope="package")
def segment(clip: Path, ffmpeg: str) -> bytes:
    """A second of it."""
    return remuxed(clip, clip.with_suffix(".ts"), ffmpeg, after=("-t", "1")).read_bytes()


@pytest.fixture(scope="package")
def long_clip(tmp_path_factory: pytest.TempPathFactory, ffmpeg: str) -> Path:
    """So long that no encoder gets to its end in a test: a second, over and over."""
    folder = tmp_path_factory.mktemp("clips")
    second = Clip(seconds=1.0, picture="testsrc2=size=1280x720:rate=25").write(folder / "second.mp4", ffmpeg)
    before = ("-stream_loop", str(int(LONG_SECONDS)))
    return remuxed(second, folder / "long.mp4", ffmpeg, before=before, after=("-movflags", "+faststart"))


@pytest.fixture(scope="module")
def host(clip: Path, segment: bytes, long_clip: Path) -> Iterator[Host]:
    """The origin of R2_PUBLIC_URL."""
    with running_host() as running:
        running.pages |= {
            "/clip.mp4": Page(clip.read_bytes(), headers={"Accept-Ranges": "bytes"}),
            "/segment.ts": Page(segment),
            "/long.mp4": Page(long_clip.read_bytes(), headers={"Accept-Ranges": "bytes"}),
            "/noise.mp4": Page(b"this is no video at all\n" * 50),
        }
        yield running


@pytest.fixture
def internal() -> Iterator[Internal]:
    with running_internal() as running:
        yield running


@pytest.fixture(scope="module")
def stream_settings() -> dict[str, Any]:
    """Settings that differ in this module; to be overridden by it."""
    return {}


@pytest.fixture(scope="module")
def setting_overrides(host: Host, stream_settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "r2_public_url": host.url,
        # What this name resolves to is inside; only the port of R2_PUBLIC_URL is the operator's own.
        "allowed_hosts": "localhost",
        "stream_preset": "ultrafast",
        "stream_idle_seconds": 5,
        "web_url": "",
        **stream_settings,
    }


@pytest.fixture(scope="module")
def server(app: FastAPI) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture(scope="module")
def viewer(server: str, services: Services) -> Iterator[httpx.Client]:
    """A client with a key that reads."""
    _, key = services.catalog.api_keys.make("a viewer", ("read",))
    with httpx.Client(base_url=server, headers={"ApiKey": key}, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def player(server: str) -> Iterator[httpx.Client]:
    """A client that sends no key."""
    with httpx.Client(base_url=server, timeout=60) as client:
        yield client
