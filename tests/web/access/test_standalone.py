"""Who is known where the app stands alone, and by what."""

from types import SimpleNamespace

import psycopg2
import pytest
from fastapi.testclient import TestClient
from psycopg2.extensions import connection

from nightreel.catalog import Catalog
from nightreel.web.access import StandaloneAccess
from nightreel.web.access.sessions import COOKIE, open_session
from nightreel.web.app import create_app
from nightreel.web.services import Services
from tests.catalog.conftest import Database
from tests.web.conftest import ClientWith

READ = "/reports/movie/7/20261121T010000-0a1b2c3d/index.html"
"""A page that needs `read`, and is not there: 404 for those who may read."""
TOKEN = "/api/v1/token"
TITLE = {"content_type": "movie", "content_id": "7"}


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


def reader(
    services: Services, read_on_seconds: float, catalog: Catalog | None = None
) -> tuple[TestClient, str]:
    """A client with a key that may read, of an app that remembers who reads for so long; and the key's id."""
    made, text = services.catalog.api_keys.make("reader", ["read"])
    access = StandaloneAccess(catalog or services.catalog, read_on_seconds=read_on_seconds)
    return TestClient(create_app(services, access), headers={"ApiKey": text}), made.key_id


def test_a_revoked_key_changes_nothing_from_then_on(services: Services) -> None:
    client, key_id = reader(services, read_on_seconds=3600)
    assert client.get(READ).status_code == 404
    services.catalog.api_keys.revoke(key_id)
    assert client.post(TOKEN, json=TITLE).status_code == 401


def test_a_revoked_key_reads_no_longer_than_it_is_remembered(services: Services) -> None:
    for seconds, status in ((0, 401), (3600, 404)):
        client, key_id = reader(services, seconds)
        assert client.get(READ).status_code == 404
        services.catalog.api_keys.revoke(key_id)
        assert client.get(READ).status_code == status


def test_a_reader_is_remembered_for_five_seconds(
    services: Services, client_with: ClientWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("nightreel.web.single_flight.time", SimpleNamespace(monotonic=lambda: now))
    client = client_with("read")
    assert client.get(READ).status_code == 404
    services.catalog.api_keys.revoke(client.headers["ApiKey"].split("_")[1])
    now = 104.9
    assert client.get(READ).status_code == 404
    now = 105.0
    assert client.get(READ).status_code == 401


def test_who_polls_is_looked_up_once(services: Services, database: Database) -> None:
    opened: list[connection] = []

    def connect() -> connection:
        opened.append(psycopg2.connect(database.dsn))
        return opened[-1]

    client, _ = reader(services, 3600, Catalog(connect, services.catalog.mapping))
    assert {client.get(READ).status_code for _ in range(20)} == {404}
    # One for the list of keys, one for the reader.
    assert len(opened) == 2


def test_a_wrong_key_beside_a_good_session_is_no_proof(services: Services, stranger: TestClient) -> None:
    made, _ = services.catalog.api_keys.make("person", ["read"])
    cookie = {"Cookie": f"{COOKIE}={open_session(services.catalog.sessions, made.key_id)}"}
    assert stranger.get(READ, headers=cookie).status_code == 404
    assert stranger.get(READ, headers={**cookie, "ApiKey": "wrong"}).status_code == 401
