"""What a server around the app may write into its log."""

from secrets import token_hex

import httpx
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from nightreel.web.hidden_queries import hidden
from tests.web.airflow_server import AirflowServer


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (b"url=https://a.example/b?c=d&token=e", b"url=***&token=***"),
        (b"per_page=3", b"per_page=***"),
        (b"secret", b"secret=***"),
        (b"eyJhbGciOiJIUzI1NiJ9", b"***=***"),
        (b"a%0Ab=1", b"***=***"),
        (b"\xff\xfe=1", b"***=***"),
        (b"", b"***=***"),
    ],
)
def test_of_a_query_the_names_alone_are_shown(query: bytes, shown: bytes) -> None:
    assert hidden(query) == shown


@given(st.binary(max_size=50), st.binary(min_size=8, max_size=50))
def test_no_value_is_shown_whatever_is_in_it(name: bytes, value: bytes) -> None:
    inside = value.replace(b"&", b"") + b"SECRET"
    assert b"SECRET" not in hidden(name.replace(b"SECRET", b"") + b"=" + inside)


def test_the_app_itself_gets_the_query_as_it_came(stranger: TestClient) -> None:
    answer = stranger.get("/tonight", params={"a": "b c"})
    assert answer.headers["location"] == "/sign-in?next=%2Ftonight%3Fa%3Db%2Bc"


def test_in_airflow_no_query_of_ours_is_in_the_log(airflow_server: AirflowServer) -> None:
    secret, asked = token_hex(16), f"/nightreel/asked/{token_hex(4)}"
    with httpx.Client(base_url=airflow_server.url, trust_env=False) as client:
        client.get(asked, params={"url": f"https://a.example/b?sig={secret}", "token": secret})
        client.get("/nightreel/api/stream/mp4", params={"url": f"https://a.example/b?sig={secret}"})
        client.get(asked + "/last")
    lines = airflow_server.log.read_text()
    while asked + "/last" not in lines:
        lines = airflow_server.log.read_text()
    # Airflow writes the query that it finds, in its own way.
    assert any(asked in line and "url=%2A%2A%2A&token=" in line for line in lines.splitlines())
    assert secret not in lines
