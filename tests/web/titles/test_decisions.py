"""What a person decides about a title: convert, requeue, delete."""

from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from nightreel.catalog import Claim
from nightreel.releases.manifests import stable_master
from nightreel.vocabulary.layout import release_prefix, title_prefix, track_prefix
from nightreel.vocabulary.release import MASTER, MPD, POSTER
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import STILLS, track_id
from nightreel.web.services import Services
from tests.catalog.conftest import LEASE, RESULT, Database
from tests.web.airflow_server import AirflowServer
from tests.web.conftest import ClientWith


@pytest.fixture(scope="module")
def setting_overrides() -> dict[str, Any]:
    return {"key_uri": ""}


@pytest.fixture(scope="module")
def client(client_with: ClientWith) -> TestClient:
    return client_with("read", "convert")


def claim(services: Services, title: Title, run_id: str = "run-1") -> Claim:
    claimed = services.catalog.claims.one(title, run_id, LEASE, force=True)
    assert isinstance(claimed, Claim)
    services.catalog.leases.adopt(title, claimed.token, run_id, LEASE)
    return claimed


def publish(services: Services, title: Title) -> Claim:
    claimed = claim(services, title)
    bucket, prefix = services.bucket, title_prefix(title)
    folder = release_prefix(title, claimed.release).removeprefix(prefix)
    track = track_id(STILLS, claimed.release)
    for key, text in {
        prefix + MASTER: stable_master("#EXTM3U\n", claimed.release, folder),
        prefix + MPD: "<MPD/>",
        track_prefix(title, track) + POSTER: "x",
    }.items():
        bucket.put_bytes(key, text.encode(), "text/plain", "no-store")
    with services.catalog.publications.holding(claimed, [track]) as publication:
        publication.complete(replace(RESULT, hls_url=bucket.public_url_of(prefix + MASTER)))
    return claimed


def test_a_conversion_is_queued_as_it_was_ordered(
    client: TestClient, database: Database, airflow_server: AirflowServer
) -> None:
    database.add_movie(1)
    answer = client.post("/videos/movie/1/convert", json={"force": True, "ladder": ["360p", "720p"]})
    assert answer.status_code == 202, answer.text
    run_id = answer.json()["job_id"]
    assert answer.json()["status_endpoint"] == f"/api/v1/video/processing-status/{run_id}"
    with airflow_server.client() as airflow:
        run = airflow.run("convert_title", run_id)
    assert run.conf is not None
    assert (run.conf["content_type"], run.conf["content_id"]) == ("movie", "1")
    assert (run.conf["force"], run.conf["ladder"]) == (True, ["360p", "720p"])
    assert "encrypt" not in run.conf


def test_a_first_release_is_queued_as_one(
    client: TestClient, database: Database, airflow_server: AirflowServer
) -> None:
    database.add_movie(9)
    run_id = client.post("/videos/movie/9/convert", json={"first": True}).json()["job_id"]
    with airflow_server.client() as airflow:
        conf = airflow.run("convert_title", run_id).conf
    assert conf == {"content_type": "movie", "content_id": "9", "first": True}


def test_without_a_word_a_conversion_is_as_the_settings_say(
    client: TestClient, database: Database, airflow_server: AirflowServer
) -> None:
    database.add_movie(2)
    run_id = client.post("/videos/movie/2/convert").json()["job_id"]
    with airflow_server.client() as airflow:
        conf = airflow.run("convert_title", run_id).conf
    assert conf == {"content_type": "movie", "content_id": "2"}


@pytest.mark.parametrize(
    ("order", "status", "said"),
    [
        ({"ladder": ["361p"]}, 422, "no rung 361p"),
        ({"ladder": ["\0"]}, 422, "no rung"),
        ({"first": True, "ladder": ["360p"]}, 422, "a first release is completed later"),
        ({"force": "perhaps"}, 422, "force"),
        ({"forced": True}, 422, "forced"),
        ([], 422, "body"),
        ({"encrypt": True}, 409, "NIGHTREEL_KEY_URI"),
    ],
)
def test_an_order_that_cannot_be_met_is_refused_before_anything_runs(
    client: TestClient, services: Services, order: object, status: int, said: str
) -> None:
    services.catalog.titles.add(Title("movie", "3"), "Three", "movies/3.mp4")
    answer = client.post("/videos/movie/3/convert", json=order)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_a_title_without_a_source_cannot_be_converted(client: TestClient, database: Database) -> None:
    database.add_movie(4, None)
    answer = client.post("/videos/movie/4/convert")
    assert (answer.status_code, answer.json()["title"]) == (409, "No source")


def test_a_title_in_work_is_neither_converted_nor_deleted(
    client: TestClient, services: Services, database: Database
) -> None:
    claim(services, database.add_movie(5), "run-5")
    answer = client.post("/videos/movie/5/convert")
    assert (answer.status_code, answer.json()["job_id"]) == (409, "run-5")
    answer = client.delete("/videos/movie/5")
    assert answer.status_code == 409
    assert "claimed by run-5" in answer.json()["detail"]


def test_a_quarantine_is_lifted_and_what_is_none_is_not(
    client: TestClient, services: Services, database: Database
) -> None:
    title = database.add_movie(6)
    services.catalog.verdicts.quarantine(claim(services, title), "no_video", "there is no picture in it")
    assert client.post("/videos/movie/6/requeue").status_code == 200
    assert client.get("/videos/movie/6").json()["state"] == "pending"
    again = client.post("/videos/movie/6/requeue")
    assert (again.status_code, again.json()["detail"]) == (409, "movie 6 is neither quarantined nor failed.")


def test_all_failed_titles_are_put_back_or_those_of_one_type(
    client: TestClient, services: Services, database: Database
) -> None:
    database.query("INSERT INTO episodes (id, title, video_url) VALUES (61, 'E', 'e.mp4')")
    failed = [database.add_movie(61), database.add_movie(62), Title("episode", "61")]
    for title in failed:
        services.catalog.verdicts.fail(claim(services, title), "encoder", "It broke.")
    refused = database.add_movie(63)
    services.catalog.verdicts.quarantine(claim(services, refused), "no_video", "there is no picture in it")
    requeue = "/videos/requeue?state=failed"
    answer = client.post(f"{requeue}&content_type=episode")
    assert answer.json() == {"message": "1 title is back in the backlog.", "count": 1}
    assert client.post(requeue).json()["count"] == 2
    assert client.post(requeue).json()["count"] == 0
    assert {client.get(f"/videos/{t.content_type}/{t.content_id}").json()["state"] for t in failed} == {
        "pending"
    }
    assert client.get("/videos/movie/63").json()["state"] == "quarantined"


@pytest.mark.parametrize(
    ("query", "status"), [("", 422), ("?state=published", 422), ("?state=failed&content_type=trailer", 422)]
)
def test_only_what_failed_of_a_known_type_is_put_back_at_once(
    client: TestClient, query: str, status: int
) -> None:
    assert client.post(f"/videos/requeue{query}").status_code == status


def test_an_id_is_read_as_the_database_reads_it(
    client: TestClient, services: Services, database: Database
) -> None:
    title = database.add_movie(66)
    services.catalog.verdicts.quarantine(claim(services, title), "no_video", "there is no picture in it")
    assert client.get("/videos/movie/0066").json()["content_id"] == "66"
    answer = client.post("/videos/movie/0066/requeue")
    assert answer.json()["message"] == "movie 66 is back in the backlog."
    assert services.catalog.titles.status("movie", "66")[0].state == "pending"


def test_the_releases_of_a_title_are_deleted_as_often_as_one_asks(
    client: TestClient, services: Services, database: Database
) -> None:
    title = database.add_movie(7)
    publish(services, title)
    assert client.delete("/videos/movie/7").json()["files_deleted"] == 1
    assert list(services.bucket.list(title_prefix(title))) == []
    assert database.row("SELECT hls_url FROM movies WHERE id = 7") == {"hls_url": None}
    record = client.get("/videos/movie/7").json()
    assert (record["state"], record["reason_code"], record["url"]) == ("quarantined", "withdrawn", None)
    assert client.delete("/videos/movie/7").json()["files_deleted"] == 0
    assert client.post("/videos/movie/7/requeue").status_code == 200


def test_who_only_reads_changes_nothing(
    client_with: ClientWith, stranger: TestClient, services: Services, database: Database
) -> None:
    database.add_movie(8)
    before = services.catalog.titles.status()
    for method, path in (
        ("POST", "/videos/movie/8/convert"),
        ("POST", "/videos/movie/8/requeue"),
        ("POST", "/videos/requeue?state=failed"),
        ("DELETE", "/videos/movie/8"),
        ("POST", "/api/v1/backlog/pause"),
        ("POST", "/api/v1/backlog/resume"),
    ):
        assert client_with("read", "upload").request(method, path).status_code == 403
        assert stranger.request(method, path).status_code == 401
    assert services.catalog.titles.status() == before
