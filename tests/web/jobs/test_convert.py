"""Starting the conversion of a title that is in the catalog."""

import pytest
from fastapi.testclient import TestClient

from nightreel.runs.dags import CONVERT_DAG
from tests.catalog.conftest import Database
from tests.web.airflow_server import AirflowServer
from tests.web.conftest import ClientWith

CONVERT = "/api/v1/video/convert-existing-video"


@pytest.fixture(scope="module")
def converter(client_with: ClientWith) -> TestClient:
    return client_with("convert", "read")


def test_a_title_of_the_catalog_is_queued_and_can_be_followed(
    converter: TestClient, database: Database, airflow_server: AirflowServer
) -> None:
    database.add_movie(123)
    answer = converter.post(CONVERT, data={"content_type": "movie", "content_id": "123"})
    assert answer.status_code == 200
    started = answer.json()
    assert set(started) == {"success", "job_id", "message", "status_endpoint"}
    assert started["success"] is True
    assert started["status_endpoint"] == f"/api/v1/video/processing-status/{started['job_id']}"
    followed = converter.get(started["status_endpoint"]).json()
    assert (followed["status"], followed["content_id"]) == ("queued", 123)


def test_what_the_form_asks_for_reaches_the_run(
    converter: TestClient, database: Database, airflow_server: AirflowServer
) -> None:
    database.add_movie(124)
    form = {"content_type": "movie", "content_id": "124", "force": "true", "encrypt": "false"}
    run_id = converter.post(CONVERT, data=form).json()["job_id"]
    with airflow_server.client() as airflow:
        conf = airflow.run(CONVERT_DAG, run_id).conf
    assert conf is not None
    assert (conf["content_id"], conf["force"], conf["encrypt"]) == ("124", True, "no")


@pytest.mark.parametrize(
    ("content_type", "content_id", "status"),
    [
        ("movie", "404404", 404),
        ("movie", "no-number", 404),
        ("movie", "9" * 100, 404),
        ("nonsense", "1", 404),
        ("movie", "../1", 422),
        ("movie", "1\0", 422),
        ("", "1", 422),
    ],
)
def test_a_title_that_there_is_not_is_not_converted(
    converter: TestClient, content_type: str, content_id: str, status: int
) -> None:
    answer = converter.post(CONVERT, data={"content_type": content_type, "content_id": content_id})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_title_without_a_source_is_not_converted(converter: TestClient, database: Database) -> None:
    database.add_movie(125, url=None)
    answer = converter.post(CONVERT, data={"content_type": "movie", "content_id": "125"})
    assert (answer.status_code, answer.json()["title"]) == (409, "No source")


def test_who_may_only_read_starts_nothing(client_with: ClientWith, database: Database) -> None:
    database.add_movie(126)
    answer = client_with("read", "upload").post(CONVERT, data={"content_type": "movie", "content_id": "126"})
    assert answer.status_code == 403
