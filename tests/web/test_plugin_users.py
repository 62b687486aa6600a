"""The app as Airflow has it: Airflow's users, and what each of them may do."""

from collections.abc import Iterator

import httpx
import pytest

from tests.web.airflow_server import AirflowServer

REPORT = "/nightreel/reports/movie/7/20261121T010000-0a1b2c3d/index.html"
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
