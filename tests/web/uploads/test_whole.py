"""A source uploaded whole, in one form."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import permutations
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nightreel.runs.airflow_api import AirflowClient
from nightreel.web.access import Caller, StandaloneAccess
from nightreel.web.app import create_app
from nightreel.web.services import Services
from nightreel.web.uploads.starting import start_or_leave_to_the_night
from tests.object_store_server import free_ports
from tests.web.airflow_server import AirflowServer
from tests.web.conftest import ClientWith
from tests.web.uploads.conftest import Left
from tests.web.uploads.files import MIB, video_of

PATH = "/api/v1/video/upload-hls-video"
MOST_BYTES = 40 * MIB
SMALL = video_of(100_000)
BOUNDARY = "a-boundary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture(scope="module")
def setting_overrides() -> dict[str, Any]:
    return {"max_source_bytes": MOST_BYTES}


def send(client: TestClient, content_id: str, video: bytes, **more: Any) -> httpx.Response:
    """As `curl -F video=@film.mp4 -F content_type=movie -F content_id=7` does."""
    files = {"video": ("film.mp4", video, "video/mp4")}
    return client.post(PATH, files=files, data={"content_type": "movie", "content_id": content_id, **more})


def field(name: str, value: bytes, filename: str = "") -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode() + value + b"\r\n"


VIDEO = field("video", SMALL, "film.mp4")
TYPE, ID = field("content_type", b"movie"), field("content_id", b"1")
END = f"--{BOUNDARY}--\r\n".encode()


def test_a_file_becomes_the_source_of_its_title_and_its_run_is_queued(
    client: TestClient, left: Left, airflow_server: AirflowServer
) -> None:
    title = left.database.add_movie(7)
    answer = send(client, title.content_id, SMALL)
    assert answer.status_code == 200
    body = answer.json()
    assert body == {
        "success": True,
        "job_id": body["job_id"],
        "message": "Video upload successful. Processing started.",
        "status_endpoint": f"/api/v1/video/processing-status/{body['job_id']}",
    }
    assert left.movie("7")["title"] == "Movie 7"
    assert left.source("7") == SMALL
    with airflow_server.client() as airflow:
        run = airflow.run("convert_title", body["job_id"])
    assert run.conf == {"content_type": "movie", "content_id": "7", "first": True}


def test_where_the_settings_want_no_first_releases_all_of_it_is_made_at_once(
    services: Services, left: Left, airflow_server: AirflowServer
) -> None:
    title = left.database.add_movie(8)
    settings = services.settings.model_copy(update={"first_releases": False})
    caller = Caller("a test", frozenset({"upload"}))
    start = start_or_leave_to_the_night(replace(services, settings=settings), caller, title)
    with airflow_server.client() as airflow:
        assert airflow.run("convert_title", str(start.run_id)).conf == {
            "content_type": "movie",
            "content_id": "8",
        }


@pytest.mark.parametrize("order", list(permutations((VIDEO, TYPE, field("content_id", b"12")))))
def test_the_fields_come_in_any_order(client: TestClient, left: Left, order: tuple[bytes, ...]) -> None:
    assert client.post(PATH, content=b"".join(order) + END, headers=FORM).status_code == 200
    assert left.source("12") == SMALL


def test_a_title_that_is_not_in_the_catalog_is_entered_under_the_name_of_the_file(
    client: TestClient, left: Left
) -> None:
    assert send(client, "21", SMALL).status_code == 200
    assert left.movie("21")["title"] == "film"


def test_a_file_of_many_parts_comes_through_as_it_is(client: TestClient, left: Left) -> None:
    film = video_of(2 * 8 * MIB + 12_345)
    assert send(client, "22", film).status_code == 200
    assert left.source("22") == film
    assert left.begun() == []


def test_a_new_source_takes_the_place_of_none(client: TestClient, left: Left) -> None:
    send(client, "23", SMALL)
    first = left.movie("23")["video_url"]
    send(client, "23", SMALL)
    assert left.movie("23")["video_url"] != first
    assert first.removeprefix(f"{left.services.bucket.public_url}/") in left.objects()


@pytest.mark.parametrize(
    ("start", "suffix", "kind"),
    [
        (SMALL, "mp4", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  " + bytes(1000), "mov", "video/quicktime"),
        (b"\x1aE\xdf\xa3\x01\x42\x82\x88matroska" + bytes(1000), "mkv", "video/x-matroska"),
        (b"\x1aE\xdf\xa3\x01\x42\x82\x84webm" + bytes(1000), "webm", "video/webm"),
    ],
)
def test_the_object_is_named_and_typed_for_what_it_is_whatever_the_client_calls_it(
    client: TestClient, left: Left, start: bytes, suffix: str, kind: str
) -> None:
    send(client, "24", start)
    url: str = left.movie("24")["video_url"]
    assert url.endswith(f".{suffix}")
    key = url.removeprefix(f"{left.services.bucket.public_url}/")
    assert left.s3.head_object(Bucket=left.services.bucket.name, Key=key)["ContentType"] == kind


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"<!DOCTYPE html><html></html>", "web_page"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100), "image"),
        (bytes(200_000), "not_media"),
    ],
)
def test_what_is_no_video_is_refused_with_the_sentence_and_leaves_nothing(
    client: TestClient, left: Left, data: bytes, code: str
) -> None:
    before = left.everything()
    answer = send(client, "1", data)
    assert (answer.status_code, answer.json()["code"]) == (415, code)
    assert answer.json()["detail"].startswith("The file is ")
    assert left.everything() == before


def test_what_is_no_video_is_refused_before_the_rest_is_read(app: FastAPI, client: TestClient) -> None:
    read = 0

    async def text() -> AsyncIterator[bytes]:
        nonlocal read
        yield VIDEO[: VIDEO.index(SMALL)]
        for _ in range(30):
            read += 1
            yield b"This is not a video.\n" * 10_000

    async def upload() -> httpx.Response:
        # Unlike a TestClient, it sends no piece before the app asks for it.
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://app", headers=client.headers
        ) as patient:
            return await patient.post(PATH, content=text(), headers=FORM)

    assert asyncio.run(upload()).status_code == 415
    assert read == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (VIDEO + TYPE + END, "content_id"),
        (VIDEO + ID + END, "content_type"),
        (TYPE + ID + END, "video"),
        (VIDEO + TYPE + ID + VIDEO + END, "video twice"),
        (VIDEO + TYPE + TYPE + ID + END, "content_type twice"),
        (VIDEO + field("content_type", b"song") + ID + END, "movie, episode"),
        (VIDEO + TYPE + field("content_id", b"../1") + END, "content id"),
        (VIDEO + TYPE + field("content_id", b"1\x00") + END, "content id"),
        (VIDEO + TYPE + field("content_id", b"\xff") + END, "UTF-8"),
        (VIDEO + TYPE + field("content_id", b"1" * 2000) + END, "longer than"),
        (VIDEO + TYPE + field("content_id", b"the-film") + END, "movies did not take"),
        (VIDEO + TYPE + field("content_id", b"9" * 30) + END, "movies did not take"),
        (TYPE + ID + VIDEO[:-10], "video"),
        (b"no form at all", "not a valid form"),
        (b"", "content_type"),
    ],
)
def test_a_form_that_will_not_do_is_refused_with_the_reason_and_leaves_nothing(
    client: TestClient, left: Left, form: bytes, said: str
) -> None:
    before = left.everything()
    answer = client.post(PATH, content=form, headers=FORM)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert left.everything() == before


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data", "multipart/form-data; boundary=;*"]
)
def test_a_body_that_is_no_form_is_refused(client: TestClient, content_type: str) -> None:
    answer = client.post(PATH, content=VIDEO + TYPE + ID + END, headers={"Content-Type": content_type})
    assert answer.status_code == 422


def test_a_file_that_is_too_large_is_refused_by_what_the_client_says_of_its_length(
    client: TestClient, left: Left
) -> None:
    before = left.everything()
    length = {"Content-Length": str(MOST_BYTES * 1000)}
    answer = client.post(PATH, content=b"", headers={**FORM, **length})
    assert (answer.status_code, answer.json()["most_bytes"]) == (413, MOST_BYTES)
    assert left.everything() == before


def test_a_file_that_grows_too_large_is_refused_and_leaves_nothing(client: TestClient, left: Left) -> None:
    def film() -> Iterator[bytes]:
        yield VIDEO.removesuffix(b"\r\n")
        for _ in range(MOST_BYTES // MIB):
            yield bytes(MIB)

    before = left.everything()
    assert client.post(PATH, content=film(), headers=FORM).status_code == 413
    assert left.everything() == before


def test_while_airflow_is_away_an_upload_is_kept_for_the_night(services: Services, left: Left) -> None:
    _, key = services.catalog.api_keys.make("uploads", ["upload"])
    nowhere = f"http://127.0.0.1:{free_ports().s3}"
    away = replace(services, airflow=lambda _: AirflowClient.with_token(nowhere, "token"))
    app = create_app(away, StandaloneAccess(services.catalog))
    answer = send(TestClient(app, headers={"ApiKey": key}), "31", SMALL)
    body = answer.json()
    assert (answer.status_code, body["success"], body["job_id"]) == (202, True, None)
    assert body["status_endpoint"] is None
    assert "the next night takes it" in body["message"]
    assert left.source("31") == SMALL
    assert "31" in [row.content_id for row in services.catalog.backlog.unconverted(1000)]


def test_uploading_needs_leave_and_is_refused_before_anything_is_read(
    client_with: ClientWith, stranger: TestClient, left: Left
) -> None:
    before = left.everything()
    assert send(client_with("read", "convert"), "1", SMALL).status_code == 403
    assert send(stranger, "1", SMALL).status_code == 401
    assert left.everything() == before
