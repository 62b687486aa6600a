"""The calls that clients of five older services make, as those services document them, word for word.

Each plays against the stack on which the demo ran, whose web app stands alone. What they send, and
what they are promised, is theirs; the key in the header is the only thing that is this stack's.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from nightreel.cli.reachable import silences
from nightreel.local.addresses import StackAddresses
from nightreel.media.programs.binaries import find_binaries
from nightreel.storage.multipart import LEAST_PART_BYTES
from tests.media.clips import Clip, Sound
from tests.stack.demo_stack import DemoStack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

MOVIE = 123
UPLOAD = "/api/v1/video/upload-hls-video"
CONVERT = "/api/v1/video/convert-existing-video"
PATIENCE_SECONDS = 600.0


@pytest.fixture(scope="module")
def addresses(demo: DemoStack) -> StackAddresses:
    found = demo.stack.status().addresses
    assert found is not None
    return found


@pytest.fixture(scope="module")
def web(addresses: StackAddresses) -> Iterator[httpx.Client]:
    """A client with an administrator's token."""
    token = {"Authorization": f"Bearer {addresses.web_key}"}
    with httpx.Client(base_url=addresses.web_url, headers=token, timeout=120, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clip = Clip(picture="testsrc2=size=320x240:rate=25", sounds=(Sound(),))
    return clip.write(tmp_path_factory.mktemp("film") / "movie.mp4", find_binaries().ffmpeg)


@pytest.fixture(scope="module")
def large_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Longer than two chunks: a tiny picture, and a box of nothing that players pass over."""
    folder = tmp_path_factory.mktemp("large")
    path = Clip().write(folder / "large.mp4", find_binaries().ffmpeg)
    padding = 2 * LEAST_PART_BYTES
    with path.open("ab") as stream:
        stream.write((padding + 8).to_bytes(4, "big") + b"free" + bytes(padding))
    return path


def ended(web: httpx.Client, job_id: str) -> dict[str, Any]:
    """What the status says in the end. It never says less than before."""
    seen = [0]

    def look() -> dict[str, Any] | None:
        status = web.get(f"/api/v1/video/processing-status/{job_id}").json()
        assert 0 <= status["progress"] <= 100
        assert status["progress"] >= seen[-1]
        seen.append(status["progress"])
        return dict(status) if status["status"] in ("completed", "failed") else None

    return eventually(look, PATIENCE_SECONDS, f"the end of {job_id}")


def test_the_upload_by_curl_ends_as_a_stream_with_the_result_that_is_documented(
    addresses: StackAddresses, web: httpx.Client, film: Path
) -> None:
    command = [
        *("curl", "--silent", "--show-error", "--noproxy", "*", "-X", "POST", f"{addresses.web_url}{UPLOAD}"),
        *("-H", f"Authorization: Bearer {addresses.web_key}"),
        *("-F", f"video=@{film}", "-F", "content_type=movie", "-F", f"content_id={MOVIE}"),
    ]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    answer = httpx.Response(200, text=said).json()
    assert answer["success"] is True
    assert answer["message"] == "Video upload successful. Processing started."
    assert answer["status_endpoint"] == f"/api/v1/video/processing-status/{answer['job_id']}"

    first = web.get(answer["status_endpoint"]).json()
    assert first["status"] in ("queued", "processing")
    assert (first["content_type"], first["content_id"]) == ("movie", MOVIE)

    last = ended(web, answer["job_id"])
    assert (last["status"], last["progress"], last["message"]) == ("completed", 100, "Processing complete!")
    result = last["result"]
    assert result["hls_url"] == f"{addresses.public_url}/hls/movies/{MOVIE}/master.m3u8"
    assert result["duration"] == pytest.approx(2.0, abs=0.1)
    assert {"quality": "240p", "resolution": "320x240"}.items() <= result["variants"][0].items()
    assert result["variants"][0]["bandwidth"] > 0
    assert result["files_uploaded"] > 0
    assert result["processing_time_seconds"] > 0
    assert silences(result["hls_url"], result["dash_url"]) == []


def test_a_title_that_is_there_is_converted_without_uploading_it_again(web: httpx.Client) -> None:
    answer = web.post(CONVERT, data={"content_type": "movie", "content_id": str(MOVIE)})
    assert answer.is_success, answer.text
    assert answer.json()["success"] is True
    assert ended(web, answer.json()["job_id"])["status"] == "completed"


def test_the_sequence_of_chunks_ends_as_a_video_that_the_list_names_with_both_urls(
    web: httpx.Client, large_film: Path
) -> None:
    whole = large_film.read_bytes()
    chunks = [whole[at : at + LEAST_PART_BYTES] for at in range(0, len(whole), LEAST_PART_BYTES)]
    begun = web.post(
        "/videos/init", json={"title": "In chunks", "description": "", "total_chunks": len(chunks)}
    )
    assert begun.json()["status"] == "uploading"
    video_hash = begun.json()["video_hash"]
    for index, chunk in enumerate(chunks):
        sent = web.post(f"/videos/upload_chunk/{video_hash}/{index}", files={"chunk_data": chunk})
        assert sent.json()["received_chunks"] == index + 1, sent.text
    finished = web.post(f"/videos/finalize/{video_hash}").json()
    assert finished["video_hash"] == video_hash
    assert finished["video_url"]
    assert ended(web, finished["job_id"])["status"] == "completed"
    (video,) = [each for each in web.get("/videos").json() if each["title"] == "In chunks"]
    assert video["status"] == "completed"
    assert video["url"] == video["hls_url"]
    assert silences(video["hls_url"], video["dash_url"]) == []


def test_the_encoding_service_answers_with_a_task_id_and_later_with_success(
    demo: DemoStack, addresses: StackAddresses, film: Path
) -> None:
    key = {"ApiKey": addresses.web_key}
    with httpx.Client(base_url=addresses.web_url, headers=key, timeout=120, trust_env=False) as client:
        uploaded = client.post("/videos/init", json={"title": "Encoded", "size": film.stat().st_size}).json()
        path = f"/videos/upload_chunk/{uploaded['video_hash']}/0"
        client.post(path, files={"chunk_data": film.read_bytes()})
        url = client.post(f"/videos/finalize/{uploaded['video_hash']}").json()["video_url"]
        request = {
            "object_key": url.removeprefix(f"{addresses.public_url}/"),
            "base_url": "https://cdn.example.com/output/",
            "video_id": "4711",
            "has_audio": True,
        }
        answer = client.post("/video/encoding", json=request)
        assert answer.is_success, answer.text
        task_id = answer.json()
        assert isinstance(task_id, str)

        def look() -> dict[str, Any] | None:
            status = client.get(f"/video/encoding/{task_id}").json()
            assert status["task_id"] == task_id
            return dict(status) if status["task_status"] in ("SUCCESS", "FAILURE") else None

        last = eventually(look, PATIENCE_SECONDS, f"the end of {task_id}")
    assert (last["task_status"], last["task_result"]) == ("SUCCESS", "4711")


def test_without_its_api_key_a_client_of_the_encoding_service_is_refused(addresses: StackAddresses) -> None:
    answer = httpx.get(f"{addresses.web_url}/video/encoding/anything", trust_env=False)
    assert answer.status_code == 401


def test_the_flutter_client_gets_a_playlist_that_plays_and_an_mp4_to_fall_back_on(
    demo: DemoStack, addresses: StackAddresses
) -> None:
    source = f"{addresses.public_url}/{source_key_of(demo, 'Patterns, part one')}"
    with httpx.Client(base_url=addresses.web_url, timeout=120, trust_env=False) as app:
        info = app.get("/api/stream/hls", params={"url": source}).json()
        playlist = app.get(info["hls_playlist_stream"])
        assert playlist.headers["content-type"] == "application/vnd.apple.mpegurl"
        segment = next(line for line in playlist.text.splitlines() if line and not line.startswith("#"))
        first = app.get(info["hls_playlist_stream"].rpartition("/")[0] + "/" + segment)
        assert first.headers["content-type"] == "video/mp2t"
        assert first.content[0] == 0x47
        for address in (info["mp4_fallback_stream"], f"/api/stream/mp4?url={source}"):
            with app.stream("GET", address) as film:
                assert film.headers["content-type"] == "video/mp4"
                assert next(film.iter_bytes(12))[4:8] == b"ftyp"
        missing = app.get("/api/stream/hls")
        assert missing.status_code == 400
        assert missing.json()["error"] == "Missing url"


def source_key_of(demo: DemoStack, name: str) -> str:
    title = demo.title(name)
    return f"sources/{title['content_type']}s/{title['content_id']}/patterns_1.mp4"
