"""Who is known where the app stands alone, and by what."""

import pytest
from fastapi.testclient import TestClient

from nightreel.web.access.sessions import COOKIE, open_session
from nightreel.web.services import Services
from tests.web.conftest import ClientWith

READ = "/reports/movie/7/20261121T010000-0a1b2c3d/index.html"
"""A page that needs `read`, and is not there: 404 for who may read."""


@pytest.fixture
def key(services: Services) -> str:
    return services.catalog.api_keys.make("backend", ["read"])[1]


@pytest.mark.parametrize(
    "header",
    [("ApiKey", "{}"), ("apikey", " {} "), ("Authorization", "Bearer {}"), ("Authorization", "bearer {}")],
)
def test_a_key_is_known_in_either_header(stranger: TestClient, key: str, header: tuple[str, str]) -> None:
    name, value = header
    assert stranger.get(READ, headers={name: value.format(key)}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"ApiKey": "nr_000000000000_" + "0" * 64},
        {"ApiKey": ""},
        {"ApiKey": "ü"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Cookie": f"{COOKIE}=x"},
        {"Cookie": f"{COOKIE}="},
    ],
)
def test_what_is_no_proof_opens_nothing(stranger: TestClient, headers: dict[str, str]) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    assert stranger.get(READ, headers=raw).status_code == 401


def test_a_revoked_key_is_shut_out_at_once(services: Services, client_with: ClientWith) -> None:
    client = client_with("read")
    assert client.get(READ).status_code == 404
    services.catalog.api_keys.revoke(client.headers["ApiKey"].split("_")[1])
    assert client.get(READ).status_code == 401


def test_a_wrong_key_beside_a_good_session_is_no_proof(services: Services, stranger: TestClient) -> None:
    made, _ = services.catalog.api_keys.make("person", ["read"])
    cookie = {"Cookie": f"{COOKIE}={open_session(services.settings.token_secret, made.key_id)}"}
    assert stranger.get(READ, headers=cookie).status_code == 404
    assert stranger.get(READ, headers={**cookie, "ApiKey": "wrong"}).status_code == 401
