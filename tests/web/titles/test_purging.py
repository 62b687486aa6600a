"""What the API says of caches when a title is deleted, and how they are purged."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from nightreel.web.app import create_app
from nightreel.web.services import Services
from tests.catalog.conftest import Database
from tests.cloudflare_server import TOKEN, ZONE, CloudflareServer, cloudflare_server, refusal
from tests.web.conftest import ClientWith
from tests.web.titles.test_decisions import publish


@pytest.fixture(scope="module")
def client(client_with: ClientWith) -> TestClient:
    return client_with("read", "convert")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudflareServer]:
    with cloudflare_server() as server:
        monkeypatch.setattr("nightreel.cloudflare.API", server.api)
        yield server


@pytest.fixture
def purging(app: FastAPI, services: Services, client: TestClient, server: CloudflareServer) -> TestClient:
    """A client of the same installation, which has a zone and its token."""
    changes: dict[str, Any] = {"cloudflare_zone_id": ZONE, "cloudflare_api_token": SecretStr(TOKEN)}
    settings = services.settings.model_copy(update=changes)
    served = create_app(replace(services, settings=settings), app.state.access)
    return TestClient(served, headers={"ApiKey": client.headers["ApiKey"]})


def prefixes(answer: dict[str, Any]) -> list[str]:
    return [each for body in answer["requests"] for each in body["prefixes"]]


def test_a_deletion_purges_the_cache_and_says_so(
    purging: TestClient, services: Services, database: Database, server: CloudflareServer
) -> None:
    publish(services, database.add_movie(11))
    answer = purging.delete("/videos/movie/11").json()
    assert answer["caches"]["purged"] is True
    assert "Cloudflare's cache is purged" in answer["message"]
    assert server.purged == prefixes(answer["caches"])
    assert any(each.endswith("/hls/movies/11/tracks") for each in server.purged)


def test_a_deletion_whose_purge_fails_has_deleted_and_says_both(
    purging: TestClient, services: Services, database: Database, server: CloudflareServer
) -> None:
    publish(services, database.add_movie(12))
    server.next_answers = [refusal(403, 10000, "Authentication error")] * 2
    answer = purging.delete("/videos/movie/12")
    assert (answer.status_code, answer.json()["files_deleted"]) == (200, 1)
    assert answer.json()["caches"]["purged"] is False
    assert "Authentication error" in answer.json()["message"]
    assert TOKEN not in answer.text
    again = purging.post("/videos/movie/12/purge")
    assert (again.status_code, again.headers["content-type"]) == (502, "application/problem+json")
    assert purging.post("/videos/movie/12/purge").json()["purged"] is True


def test_without_a_cache_a_deletion_says_what_is_to_be_purged(
    client: TestClient, services: Services, database: Database
) -> None:
    publish(services, database.add_movie(13))
    before = client.get("/videos/movie/13/purge").json()
    assert len(before["urls"]) == 3
    answer = client.delete("/videos/movie/13").json()
    assert answer["caches"]["purged"] is False
    assert "for a year" in answer["message"]
    assert answer["caches"]["requests"] == before["requests"]
    assert client.get("/videos/movie/13/purge").json() == {"requests": before["requests"], "urls": []}
    assert client.post("/videos/movie/13/purge").status_code == 409


def test_who_only_reads_purges_nothing(
    client_with: ClientWith, stranger: TestClient, database: Database
) -> None:
    database.add_movie(14)
    assert client_with("read").post("/videos/movie/14/purge").status_code == 403
    assert client_with("read").get("/videos/movie/14/purge").status_code == 200
    assert stranger.get("/videos/movie/14/purge").status_code == 401
