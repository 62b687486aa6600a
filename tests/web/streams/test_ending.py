"""Nothing outlives its viewers: neither encoders nor folders, however the end comes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nightreel.places import PROJECT_ROOT
from nightreel.settings import Settings
from nightreel.web.app import create_app
from nightreel.web.services import Services
from nightreel.web.streams.folders import StreamFolder, remove_leftovers, stream_file
from tests.web.streams.servers import Host, Page, serving

PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def stream_settings() -> dict[str, Any]:
    return {"stream_limit": 1, "open_streams": True}


def until(condition: Callable[[], bool]) -> None:
    """Waits for what has to happen; fails when it does not."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def encoders() -> list[psutil.Process]:
    """The programs that are at work on a source: what looks at it first, and what encodes it."""
    return [child for child in psutil.Process().children() if child.name().startswith(("ffmpeg", "ffprobe"))]


def no_encoders() -> bool:
    return not encoders()


def folder_of(playlist_url: str, settings: Settings) -> Path:
    return settings.stream_area / playlist_url.split("/")[-2]


def test_the_encoder_ends_when_the_client_leaves_and_the_next_one_gets_its_place(
    player: httpx.Client, host: Host
) -> None:
    until(no_encoders)
    with player.stream("GET", "/api/stream/mp4", params={"url": f"{host.url}/long.mp4"}) as answer:
        chunks = answer.iter_raw()
        assert next(chunks)
        assert len(encoders()) == 1
        refused = player.get("/api/stream/mp4", params={"url": f"{host.url}/clip.mp4"})
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert player.get("/api/stream/hls", params={"url": f"{host.url}/clip.mp4"}).status_code == 503
    until(no_encoders)
    assert player.get("/api/stream/mp4", params={"url": f"{host.url}/clip.mp4"}).status_code == 200


def test_the_encoder_ends_when_the_client_leaves_before_the_first_byte(server: str, host: Host) -> None:
    until(no_encoders)
    host.pages["/silent.mp4"] = Page(drip=True)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{server}/api/stream/mp4", params={"url": f"{host.url}/silent.mp4"}, timeout=2)
    assert "/silent.mp4" in host.asked
    until(no_encoders)


def test_encoders_and_folders_end_with_the_app(app: FastAPI, host: Host, web_settings: Settings) -> None:
    with serving(app) as server, httpx.Client(base_url=server, timeout=60) as player:
        until(no_encoders)
        playlist = player.get("/api/stream/hls", params={"url": f"{host.url}/long.mp4"}).json()
        folder = folder_of(playlist["hls_playlist_stream"], web_settings)
        assert folder.is_dir()
        assert len(encoders()) == 1
    assert no_encoders()
    assert not folder.exists()


def test_an_hls_stream_that_nobody_asks_for_ends_and_leaves_nothing(
    player: httpx.Client, host: Host, web_settings: Settings
) -> None:
    until(no_encoders)
    asked = {"url": f"{host.url}/long.mp4"}
    playlist = player.get("/api/stream/hls", params=asked).json()["hls_playlist_stream"]
    assert len(encoders()) == 1
    assert player.get(playlist).status_code == 200
    until(no_encoders)
    until(lambda: list(web_settings.stream_area.iterdir()) == [])
    assert player.get(playlist).status_code == 404
    again = player.get("/api/stream/hls", params=asked).json()["hls_playlist_stream"]
    assert again != playlist
    assert player.get(again).status_code == 200


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from nightreel.media.programs.limits import Limits
from nightreel.media.programs.live_process import LiveProcess
from nightreel.media.programs.sandbox import Sandbox
from nightreel.web.streams.folders import StreamFolder

async def main():
    folder = StreamFolder.create(Path(sys.argv[1]))
    (folder.path / "index.m3u8").write_text("#EXTM3U")
    command = [sys.argv[2], "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]
    limits = Limits.for_child(600, 0)
    process = await LiveProcess.start(
        command, sandbox=Sandbox(), environment={}, limits=limits, directory=folder.path
    )
    print(folder.name, process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_a_killed_process_takes_its_encoder_along_and_its_folder_goes_at_the_next_start(
    tmp_path: Path, ffmpeg: str
) -> None:
    mine = StreamFolder.create(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), ffmpeg],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT / "include")},
    )
    name, pid = done.stdout.split()
    until(lambda: not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == "zombie")
    assert (tmp_path / name / "index.m3u8").exists()
    remove_leftovers(tmp_path)
    # What a process that lives holds stays.
    assert sorted(tmp_path.iterdir()) == [mine.path, mine.path.with_suffix(".lease")]
    mine.remove()
    assert list(tmp_path.iterdir()) == []


def test_removing_a_folder_twice_closes_nothing_of_somebody_else(tmp_path: Path) -> None:
    folder = StreamFolder.create(tmp_path)
    folder.remove()
    with (tmp_path / "another").open("w") as another:
        # The descriptor of the lease was the lowest, so its number is given again.
        folder.remove()
        another.write("still open")
        another.flush()


def test_a_request_that_another_process_answers_keeps_the_stream(tmp_path: Path) -> None:
    folder = StreamFolder.create(tmp_path)
    (folder.path / "index.m3u8").write_bytes(b"#EXTM3U")
    os.utime(folder.path.with_suffix(".lease"), (0, 0))
    assert folder.idle_seconds() > 1_000_000
    assert stream_file(tmp_path, folder.name, "index.m3u8") == b"#EXTM3U"
    assert folder.idle_seconds() < 1_000_000
    folder.remove()


def test_a_limit_of_none_switches_streams_off(
    services: Services, app: FastAPI, host: Host, tmp_path: Path
) -> None:
    off = services.settings.model_copy(update={"stream_limit": 0})
    with TestClient(create_app(replace(services, settings=off), app.state.access)) as client:
        for path in ("mp4", "hls"):
            answer = client.get(f"/api/stream/{path}", params={"url": f"{host.url}/clip.mp4"})
            assert answer.status_code == 404
            assert "switched off" in answer.json()["detail"]
