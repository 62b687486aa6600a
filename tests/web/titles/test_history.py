"""Where the attempts in a title's history lead."""

from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from nightreel.vocabulary.title import Title
from nightreel.web.services import Services
from tests.catalog.conftest import LEASE, Database
from tests.web.conftest import ClientWith


@pytest.fixture(scope="module")
def reader(client_with: ClientWith) -> TestClient:
    return client_with("read")


@pytest.mark.parametrize(
    "night", ["scheduled__2026-11-21T01:00:00+00:00", "manual__20261121T010000", "begun by hand"]
)
def test_an_attempt_that_no_run_took_up_leads_to_the_night_that_reserved_it(
    reader: TestClient, services: Services, database: Database, night: str
) -> None:
    title = database.add_movie(90 + len(night))
    (reserved,) = services.catalog.claims.of_night([title], night, LEASE)
    assert history_page(reader, title) == f"/dags/nightly_backlog/runs/{quote(night)}"
    services.catalog.leases.adopt(title, reserved.token, night, LEASE)
    assert history_page(reader, title) == f"/dags/convert_title/runs/{quote(night)}"


def history_page(reader: TestClient, title: Title) -> str:
    (attempt,) = reader.get(f"/videos/movie/{title.content_id}").json()["history"]
    return str(attempt["run_page"])
