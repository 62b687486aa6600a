"""Jobs in the app that Airflow's own API server has mounted, for Airflow's own users."""

import httpx
import pytest

from tests.web.airflow_server import AirflowServer

CONVERT = "/nightreel/api/v1/video/convert-existing-video"


@pytest.fixture(scope="module")
def source(airflow_server: AirflowServer) -> dict[str, str]:
    """A title whose source is there, as a form."""
    airflow_server.installation.add_movie(7001, "sources/7001.mp4")
    return {"content_type": "movie", "content_id": "7001"}


def client_of(airflow_server: AirflowServer, user: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {airflow_server.token(user)}"}
    return httpx.Client(base_url=airflow_server.url, headers=headers, trust_env=False, timeout=30)


def test_a_user_starts_a_job_and_a_viewer_follows_it_below_the_prefix(
    airflow_server: AirflowServer, source: dict[str, str]
) -> None:
    with client_of(airflow_server, "user") as user, client_of(airflow_server, "viewer") as viewer:
        started = user.post(CONVERT, data=source)
        assert started.status_code == 200
        endpoint = started.json()["status_endpoint"]
        assert endpoint.startswith("/nightreel/api/v1/video/processing-status/")
        status = viewer.get(endpoint).json()
        assert (status["status"], status["content_id"]) == ("queued", 7001)
        with viewer.stream("GET", f"{endpoint}/events") as stream:
            assert next(stream.iter_lines()) == "event: status"


def test_a_viewer_starts_no_job(airflow_server: AirflowServer, source: dict[str, str]) -> None:
    with client_of(airflow_server, "viewer") as viewer:
        assert viewer.post(CONVERT, data=source).status_code == 403
