"""What a viewer gets: MP4 as it is encoded, and HLS that grows."""

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import m3u8
import pytest

from nightreel.media.programs.binaries import find_binaries
from tests.started_programs import SECRETS, secrets_at_hand, started_programs
from tests.web.streams.servers import Host


def probed(source: str | Path, *options: str) -> dict[str, Any]:
    command = [find_binaries().ffprobe, "-v", "error", "-of", "json", *options, str(source)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("path", ["/api/stream/mp4", "/api/stream"])
def test_a_source_is_played_as_fragmented_mp4(
    viewer: httpx.Client, host: Host, tmp_path: Path, path: str
) -> None:
    answer = viewer.get(path, params={"url": f"{host.url}/clip.mp4"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "video/mp4"
    (tmp_path / "got.mp4").write_bytes(answer.content)
    found = probed(tmp_path / "got.mp4", "-show_streams", "-show_format")
    assert [stream["codec_name"] for stream in found["streams"]] == ["h264", "aac"]
    assert float(found["format"]["duration"]) == pytest.approx(5.0, abs=0.2)
    assert answer.content.count(b"moof") >= 3


def test_no_program_of_a_stream_sees_a_secret(viewer: httpx.Client, host: Host) -> None:
    with secrets_at_hand(), started_programs() as programs:
        answer = viewer.get("/api/stream/mp4", params={"url": f"{host.url}/clip.mp4"})
    assert answer.status_code == 200, answer.text
    assert len(programs) == 2
    assert not [program for program in programs if SECRETS.keys() & program.environment.keys()]


def test_hls_is_asked_for_and_played_as_the_documented_clients_do(
    viewer: httpx.Client, player: httpx.Client, host: Host, tmp_path: Path
) -> None:
    # fetchHlsInfo: the encoded URL in the query, then nothing but what the answer holds.
    answer = viewer.get(f"/api/stream/hls?url={quote(f'{host.url}/clip.mp4', safe='')}")
    assert answer.status_code == 200, answer.text
    info = answer.json()
    playlist = player.get(info["hls_playlist_stream"])
    assert playlist.headers["content-type"] == "application/vnd.apple.mpegurl"
    parsed = m3u8.loads(playlist.text)
    assert parsed.playlist_type == "event"
    assert parsed.target_duration == 4
    assert all(each.duration <= 4.5 for each in parsed.segments)
    segment = player.get(info["hls_playlist_stream"].replace("index.m3u8", parsed.segments[0].uri))
    assert segment.headers["content-type"] == "video/mp2t"
    (tmp_path / "first.ts").write_bytes(segment.content)
    frames = probed(
        tmp_path / "first.ts",
        "-select_streams",
        "v",
        "-skip_frame",
        "nokey",
        "-show_entries",
        "frame=pts_time",
    )
    times = [float(frame["pts_time"]) for frame in frames["frames"]]
    assert [time - times[0] for time in times] == pytest.approx([0.0, 2.0])


def test_the_fallback_plays_without_a_key(viewer: httpx.Client, player: httpx.Client, host: Host) -> None:
    info = viewer.get("/api/stream/hls", params={"url": f"{host.url}/clip.mp4"}).json()
    answer = player.get(info["mp4_fallback_stream"])
    assert answer.status_code == 200, answer.text
    assert answer.content[4:8] == b"ftyp"


def test_a_source_may_be_a_playlist(viewer: httpx.Client, host: Host) -> None:
    url = host.playlist("/show.m3u8", "segment.ts", f"{host.url}/segment.ts")
    answer = viewer.get("/api/stream/mp4", params={"url": url})
    assert answer.status_code == 200, answer.text
    assert {"/show.m3u8", "/segment.ts"} <= set(host.asked)


def test_viewers_of_one_source_share_its_stream(viewer: httpx.Client, host: Host) -> None:
    url = f"{host.url}/clip.mp4?shared"
    host.pages["/clip.mp4?shared"] = host.pages["/clip.mp4"]
    first, second = (viewer.get("/api/stream/hls", params={"url": url}).json() for _ in range(2))
    assert first["hls_playlist_stream"] == second["hls_playlist_stream"]


@pytest.mark.parametrize("path", ["/api/stream/mp4", "/api/stream", "/api/stream/hls"])
@pytest.mark.parametrize("query", ["", "?url="])
def test_a_missing_url_is_told_as_documented(viewer: httpx.Client, path: str, query: str) -> None:
    answer = viewer.get(path + query)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Missing url"


@pytest.mark.parametrize("path", ["/api/stream/mp4", "/api/stream/hls"])
@pytest.mark.parametrize("name", ["noise.mp4", "missing.mp4"])
def test_what_cannot_be_encoded_is_a_problem_with_the_words_of_ffmpeg(
    viewer: httpx.Client, host: Host, path: str, name: str
) -> None:
    answer = viewer.get(path, params={"url": f"{host.url}/{name}"})
    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"
    said = {"noise.mp4": "Invalid data", "missing.mp4": "404"}
    assert said[name] in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        f"{'0' * 32}/index.m3u8",
        f"{'0' * 32}/000000.ts",
        "..%2f..%2fetc/passwd",
        f"{'0' * 32}/..%2f..%2fpasswd",
        "%00/index.m3u8",
        f"{'0' * 32}/%00.ts",
    ],
)
def test_a_file_that_is_not_there_is_not_found(player: httpx.Client, path: str) -> None:
    answer = player.get(f"/api/stream/hls/{path}")
    assert answer.status_code == 404
