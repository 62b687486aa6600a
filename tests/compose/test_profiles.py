"""All profiles at once: TLS before three replicas of the web app, Flower, and a work area in a bucket."""

import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
import pytest

from nightreel.media.programs.binaries import find_binaries
from tests.compose import authority
from tests.compose.conftest import timed
from tests.compose.deployment import Deployment
from tests.compose.profiles import HOST, PROXY_ADDRESS, REPLICAS, WORK_BUCKET
from tests.deploy import compose
from tests.media.clips import Clip, Sound

_CLIP = Clip(picture="testsrc2=size=640x360:rate=25", seconds=20, sounds=(Sound(seconds=20),))
_PATIENCE_SECONDS = 600
_AT_ONCE = 12

_Found = TypeVar("_Found")


@pytest.fixture(scope="module")
def browser(whole: Deployment) -> httpx.Client:
    """Asks the proxy over TLS, under the host's name, and trusts that one authority."""
    root = whole.compose("exec", "-T", "web", "curl", "--silent", "--insecure", authority.ROOT)
    trusting = ssl.create_default_context(cadata=root)
    client = httpx.Client(base_url=f"https://{HOST}", transport=_ToTheProxy(verify=trusting), timeout=120)
    with timed("until the proxy has its certificate"):
        _until(lambda: _is_trusted(client), "the proxy has its certificate")
    return client


@pytest.fixture(scope="module")
def key(whole: Deployment) -> dict[str, str]:
    """The header of a caller that may do all."""
    scopes = [word for scope in ("read", "upload", "convert") for word in ("--scope", scope)]
    made = whole.nightreel("api-key", "create", "--name", "browser", *scopes, service="web")
    return {"ApiKey": made.split()[0]}


@pytest.fixture(scope="module")
def uploaded(
    whole: Deployment, browser: httpx.Client, key: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], set[str]]:
    """The state of a title that came through the proxy, when it has ended, and the keys in the work area."""
    file = _CLIP.write(tmp_path_factory.mktemp("clips") / "uploaded.mp4", find_binaries().ffmpeg)
    with file.open("rb") as video:
        answer = browser.post(
            "/api/v1/video/upload-hls-video",
            headers=key,
            data={"content_type": "movie", "content_id": "100"},
            files={"video": (file.name, video, "video/mp4")},
        )
    answer.raise_for_status()
    seen: set[str] = set()

    def ended() -> dict[str, Any] | None:
        seen.update(_keys_of_the_work_area(whole))
        status: dict[str, Any] = browser.get(answer.json()["status_endpoint"], headers=key).json()
        return status if status["status"] in ("completed", "failed") else None

    with timed("from the upload to the published title"):
        return _until(ended, "the run of the upload has ended"), seen


def test_every_service_of_every_profile_is_healthy_or_done(whole: Deployment) -> None:
    found = {
        (container["Service"], container["Health"] or f"ended with {container['ExitCode']}")
        for container in whole.containers()
        if container["Service"] != authority.NAME
    }
    assert found == {
        (name, "ended with 0" if name in compose.ONE_SHOT else "healthy") for name in compose.services()
    }


def test_the_web_app_is_reached_over_tls_with_a_certificate_of_the_authority(browser: httpx.Client) -> None:
    assert browser.get("/health").json() == {"status": "ok"}


def test_who_asks_in_the_clear_is_sent_to_tls(whole: Deployment) -> None:
    answer = httpx.get(f"http://{PROXY_ADDRESS}/library", headers={"Host": HOST})
    assert answer.headers["location"] == f"https://{HOST}/library"


def test_every_replica_answers(whole: Deployment, browser: httpx.Client) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda _: browser.get("/health"), range(_AT_ONCE * 4)))
    assert {answer.status_code for answer in answers} == {HTTPStatus.OK}
    said = [whole.engine.docker("logs", web) for web in whole.compose("ps", "--quiet", "web").split()]
    assert len(said) == REPLICAS
    subnet = whole.subnet().rpartition(".")[0]
    assert all(any(subnet in line and "/health" in line for line in log.splitlines()) for log in said)


def test_an_upload_through_the_proxy_is_published(
    whole: Deployment, uploaded: tuple[dict[str, Any], set[str]]
) -> None:
    status, _ = uploaded
    assert status["status"] == "completed"
    assert whole.nightreel("verify", "movie", str(status["content_id"])).rstrip().endswith("passed")


def test_its_files_were_in_the_bucket_of_the_work_area_while_it_was_converted(
    whole: Deployment, uploaded: tuple[dict[str, Any], set[str]]
) -> None:
    _, seen = uploaded
    assert any(key.endswith(".mp4") for key in seen)
    assert whole.compose("exec", "-T", "airflow-worker", "ls", "/opt/airflow/work").split() == []


def test_nobody_reads_the_work_area_without_a_key(
    whole: Deployment, uploaded: tuple[dict[str, Any], set[str]]
) -> None:
    _, seen = uploaded
    assert httpx.get(f"{whole.bucket_address}/{WORK_BUCKET}/{min(seen)}").status_code == HTTPStatus.FORBIDDEN


def test_a_stream_on_the_fly_is_played_from_whichever_replica_answers(
    whole: Deployment, browser: httpx.Client, key: dict[str, str], uploaded: tuple[dict[str, Any], set[str]]
) -> None:
    status, _ = uploaded
    (title,) = [title for title in whole.titles() if str(title["content_id"]) == str(status["content_id"])]
    opened = browser.get("/api/stream/hls", params={"url": title["hls_url"]}, headers=key)
    opened.raise_for_status()
    playlist = opened.json()["hls_playlist_stream"]
    assert playlist.startswith(f"https://{HOST}/")

    def read(_: int) -> str:
        answer = browser.get(playlist, headers={"Connection": "close"})
        answer.raise_for_status()
        return answer.text

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        assert all("#EXTINF" in text for text in pool.map(read, range(_AT_ONCE * 2)))


class _ToTheProxy(httpx.HTTPTransport):
    """As if the host's name led to where the proxy is."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = HOST
        request.url = request.url.copy_with(host=PROXY_ADDRESS)
        return super().handle_request(request)


def _is_trusted(client: httpx.Client) -> bool:
    try:
        client.get("/health")
    except httpx.ConnectError as error:
        # Its own, which nobody signed, until it has one.
        if "CERTIFICATE_VERIFY_FAILED" not in str(error):
            raise
        return False
    return True


def _keys_of_the_work_area(deployment: Deployment) -> set[str]:
    listed = deployment.s3().list_objects_v2(Bucket=WORK_BUCKET)
    return {found["Key"] for found in listed.get("Contents", [])}


def _until(find: Callable[[], _Found | None], what: str) -> _Found:
    """What is found as soon as something is."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (found := find()):
        assert time.monotonic() < deadline, f"not within {_PATIENCE_SECONDS} s: {what}"
        time.sleep(0.5)
    return found
