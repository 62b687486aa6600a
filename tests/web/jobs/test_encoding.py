"""The encoding service's calls, as its clients make them: with a key, JSON, and ids of their own."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from nightreel.runs.dags import CONVERT_DAG
from nightreel.vocabulary.title import Title
from nightreel.web.services import Services
from tests.catalog.conftest import Database
from tests.web.airflow_server import AirflowServer
from tests.web.conftest import ClientWith
from tests.web.jobs.conftest import StagedRun

KEY = "in/film one.mp4"


@pytest.fixture(scope="module")
def converter(client_with: ClientWith, services: Services) -> TestClient:
    services.bucket.put_bytes(KEY, b"a film", "video/mp4", "no-store")
    return client_with("convert", "read")


def request(video_id: str, **more: Any) -> dict[str, Any]:
    document = {"object_key": KEY, "base_url": "https://cdn.example.com/output/", "video_id": video_id}
    return {**document, "has_audio": True, **more}


def test_an_object_becomes_the_source_of_a_title_and_its_run_the_task(
    converter: TestClient, services: Services, database: Database, airflow_server: AirflowServer
) -> None:
    answer = converter.post("/video/encoding", json=request("201"))
    assert answer.status_code == 200
    task_id = answer.json()
    assert database.row("SELECT video_url FROM movies WHERE id = 201") == {"video_url": KEY}
    assert answer.headers["X-Published-Under"] == services.bucket.public_url
    task = converter.get(f"/video/encoding/{task_id}").json()
    assert task == {"task_id": task_id, "task_status": "PENDING", "task_result": None}
    with airflow_server.client() as airflow:
        assert "sound" not in (airflow.run(CONVERT_DAG, task_id).conf or {})


def test_a_title_that_is_there_keeps_its_name(converter: TestClient, database: Database) -> None:
    database.add_movie(202)
    assert converter.post("/video/encoding", json=request("202")).status_code == 200
    row = database.row("SELECT title, video_url FROM movies WHERE id = 202")
    assert row == {"title": "Movie 202", "video_url": KEY}


def test_a_source_whose_sound_is_not_wanted_is_converted_without(
    converter: TestClient, airflow_server: AirflowServer
) -> None:
    task_id = converter.post("/video/encoding", json=request("203", has_audio=False)).json()
    with airflow_server.client() as airflow:
        assert (airflow.run(CONVERT_DAG, task_id).conf or {})["sound"] is False


def test_another_content_type_may_be_named(converter: TestClient, database: Database) -> None:
    assert converter.post("/video/encoding", json=request("204", content_type="episode")).status_code == 200
    assert database.row("SELECT video_url FROM episodes WHERE id = 204") == {"video_url": KEY}


def test_a_finished_task_results_in_its_video_and_a_failed_one_in_its_reason(
    converter: TestClient, services: Services, airflow_server: AirflowServer
) -> None:
    task_id = converter.post("/video/encoding", json=request("205")).json()
    run = StagedRun(airflow_server, services.catalog, Title("movie", "205"), task_id)
    run.publish(run.claim())
    done = converter.get(f"/video/encoding/{task_id}").json()
    assert (done["task_status"], done["task_result"]) == ("SUCCESS", "205")

    task_id = converter.post("/video/encoding", json=request("206")).json()
    run = StagedRun(airflow_server, services.catalog, Title("movie", "206"), task_id)
    services.catalog.verdicts.quarantine(run.claim(), "no_video", "the source has no picture")
    failed = converter.get(f"/video/encoding/{task_id}").json()
    assert (failed["task_status"], failed["task_result"]) == ("FAILURE", "the source has no picture")


def test_an_object_that_is_not_in_the_bucket_changes_no_title(
    converter: TestClient, database: Database
) -> None:
    answer = converter.post("/video/encoding", json=request("207", object_key="in/none.mp4"))
    assert answer.status_code == 404
    assert database.query("SELECT FROM movies WHERE id = 207") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"object_key": ""},
        {"object_key": "a\0b"},
        {"object_key": "\ud800"},
        {"object_key": "https://elsewhere.example/film.mp4"},
        {"object_key": "in/../film.mp4"},
        {"object_key": "/in/film.mp4"},
        {"object_key": "é" * 1000},
        {"object_key": 7},
        {"base_url": "javascript:alert(1)"},
        {"base_url": None},
        {"video_id": "a/b"},
        {"video_id": "not-a-number"},
        {"video_id": "9" * 100},
        {"has_audio": "perhaps"},
        {"content_type": "nonsense"},
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(converter: TestClient, wrong: dict[str, Any]) -> None:
    body = json.dumps(request("208") | wrong)
    answer = converter.post("/video/encoding", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
