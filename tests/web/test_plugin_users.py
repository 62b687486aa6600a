"""The app as Airflow has it: Airflow's users, and what each of them may do."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from nightreel.runs.airflow_api import AirflowClient, AirflowRefused, Login
from nightreel.vocabulary.title import Title
from tests.web.airflow_server import AirflowServer

REPORT = "/nightreel/reports/movie/7/20261121T010000-0a1b2c3d/index.html"
CONVERT = "/nightreel/api/v1/video/convert-existing-video"
COOKIE = "_token"


@pytest.fixture(scope="module")
def browser(airflow_server: AirflowServer) -> Iterator[httpx.Client]:
    """Nobody in particular."""
    with httpx.Client(base_url=airflow_server.url, trust_env=False) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("proof", [{}, bearer("x" * 40), {"Cookie": f"{COOKIE}={'x' * 40}"}, {"ApiKey": "x"}])
def test_who_is_not_signed_in_to_airflow_gets_a_problem(browser: httpx.Client, proof: dict[str, str]) -> None:
    answer = browser.get(REPORT, headers=proof)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("user", ["viewer", "user", "admin"])
def test_every_user_reads_with_a_token_or_the_browsers_cookie(
    browser: httpx.Client, airflow_server: AirflowServer, user: str
) -> None:
    token = airflow_server.token(user)
    for proof in (bearer(token), {"Cookie": f"{COOKIE}={token}"}):
        answer = browser.get(REPORT, headers=proof)
        assert (answer.status_code, answer.json()["detail"]) == (404, "no such page in this report")


def wanted(title: int) -> dict[str, str]:
    return {"content_type": "movie", "content_id": str(title)}


def test_a_viewer_starts_nothing(browser: httpx.Client, airflow_server: AirflowServer) -> None:
    title = airflow_server.installation.add_movie(8801, "movies/8801.mp4")
    answer = browser.post(CONVERT, data=wanted(8801), headers=bearer(airflow_server.token("viewer")))
    assert answer.status_code == 403
    assert "'convert'" in answer.json()["detail"]
    assert runs_of(airflow_server, title) == []


def test_a_user_starts_a_run_in_the_users_own_name(
    browser: httpx.Client, airflow_server: AirflowServer
) -> None:
    title = airflow_server.installation.add_movie(8802, "movies/8802.mp4")
    answer = browser.post(CONVERT, data=wanted(8802), headers=bearer(airflow_server.token("user")))
    assert answer.status_code in (200, 202), answer.text
    assert runs_of(airflow_server, title) == [(answer.json()["job_id"], "user")]


def test_the_cookie_starts_a_run_only_from_a_page_of_airflow(
    browser: httpx.Client, airflow_server: AirflowServer
) -> None:
    title = airflow_server.installation.add_movie(8803, "movies/8803.mp4")
    cookie = {"Cookie": f"{COOKIE}={airflow_server.token('user')}"}
    evil = {"Origin": "http://evil.example"}
    for headers in (cookie, cookie | evil, cookie | evil | {"ApiKey": "x"}):
        assert browser.post(CONVERT, data=wanted(8803), headers=headers).status_code == 403
    assert runs_of(airflow_server, title) == []
    own = cookie | {"Origin": airflow_server.url}
    assert browser.post(CONVERT, data=wanted(8803), headers=own).status_code in (200, 202)
    assert len(runs_of(airflow_server, title)) == 1


def test_a_page_leads_who_is_not_signed_in_to_airflows_login_and_back(browser: httpx.Client) -> None:
    answer = browser.get("/nightreel/titles/movie/7?tab=plots")
    assert answer.status_code == 303
    login = answer.headers["location"]
    assert login == "/api/v2/auth/login?next=%2Fnightreel%2Ftitles%2Fmovie%2F7%3Ftab%3Dplots"
    assert browser.get(login).status_code == 307


def test_in_airflow_there_is_no_sign_in_page_and_no_key_of_ours(browser: httpx.Client) -> None:
    assert browser.get("/nightreel/sign-in").status_code == 404


def test_many_clients_share_one_log_in(airflow_server: AirflowServer) -> None:
    login = Login("user", airflow_server.passwords["user"])

    def tokens_after_use(_: int) -> str:
        with AirflowClient(airflow_server.url, login) as airflow:
            airflow.dag("convert_title")
        return login.token(None, lambda credentials: pytest.fail("it logged in again"))

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(tokens_after_use, range(8)))) == 1


def test_a_log_in_that_holds_no_longer_is_renewed(airflow_server: AirflowServer) -> None:
    login = Login("user", airflow_server.passwords["user"], token="over")
    with AirflowClient(airflow_server.url, login) as airflow:
        assert airflow.dag("convert_title").dag_id == "convert_title"


def test_a_users_token_that_holds_no_longer_is_no_wrong_password(airflow_server: AirflowServer) -> None:
    with AirflowClient.with_token(airflow_server.url, "over") as airflow:
        with pytest.raises(AirflowRefused) as refused:
            airflow.dag("convert_title")
        assert refused.value.status == 401


def runs_of(server: AirflowServer, title: Title) -> list[tuple[str, str]]:
    """Id of each run that was started for the title, and by whom."""
    rows = server.query(
        "SELECT run_id, triggering_user_name FROM dag_run"
        " WHERE dag_id = 'convert_title' AND conf->>'content_id' = %s",
        title.content_id,
    )
    return [(row["run_id"], row["triggering_user_name"]) for row in rows]
