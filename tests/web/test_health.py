"""Whether the app says that it can answer."""

from dataclasses import replace

from fastapi.testclient import TestClient

from nightreel.catalog import Catalog
from nightreel.web.access import StandaloneAccess
from nightreel.web.app import create_app
from nightreel.web.services import Services


def test_while_the_database_answers_all_is_well(stranger: TestClient) -> None:
    answer = stranger.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_without_the_database_it_says_so_and_when_to_ask_again(services: Services) -> None:
    away = Catalog.from_dsn("postgresql://someone:hunter2@127.0.0.1:1/films", services.catalog.mapping)
    cut_off = replace(services, open_catalog=lambda: away)
    answer = TestClient(create_app(cut_off, StandaloneAccess(away))).get("/health")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" in answer.headers
    assert "hunter2" not in answer.text
