"""A library with a title in each state, and an Airflow that does not answer."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.runs.airflow_api import AirflowClient
from nightreel.vocabulary.title import Title
from nightreel.web.services import Services
from tests.catalog.conftest import RESULT, Database
from tests.web.watch.conftest import browser, complaints, open_page, site

__all__ = ["browser", "complaints", "open_page", "site"]

LEASE = timedelta(hours=1)
HOSTILE = """</h2><script>alert("x")</script><img src=x onerror=alert(1)> ' " & {{ 7 * 7 }}"""
STATES = ("pending", "claimed", "published", "quarantined", "failed")


@pytest.fixture(scope="module")
def airflow_address() -> Iterator[str]:
    """Held by nobody who answers: a port that is taken, on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(scope="module")
def services(services: Services, airflow_address: str) -> Services:
    return replace(
        services,
        airflow=lambda caller: AirflowClient.with_token(airflow_address, "none"),
        airflow_pages="/airflow",
    )


class Shelf:
    """Puts titles into the library, brought as far as a test needs them."""

    def __init__(self, catalog: Catalog, database: Database) -> None:
        self._catalog = catalog
        self._database = database

    def add(
        self,
        name: str,
        state: str = "pending",
        *,
        url: str | None = "sources/a.mp4",
        kind: str = "movie",
        complete: bool = True,
    ) -> Title:
        row = self._database.row(
            f"INSERT INTO {kind}s (title, video_url) VALUES (%s, %s) RETURNING id", name, url
        )
        title = Title(kind, str(row["id"]))
        if state != "pending":
            self._bring(title, state, complete=complete)
        return title

    def claim(self, title: Title) -> Claim:
        claim = self._catalog.claims.one(title, job_of(title), LEASE)
        assert isinstance(claim, Claim), claim
        return self._catalog.leases.adopt(title, claim.token, job_of(title), LEASE)

    def _bring(self, title: Title, state: str, *, complete: bool) -> None:
        claim = self.claim(title)
        if state == "published":
            with self._catalog.publications.holding(claim) as publication:
                publication.complete(replace(RESULT, poster_url=None, complete=complete))
        elif state == "quarantined":
            self._catalog.verdicts.quarantine(claim, "no_video", "The source has no picture.")
        elif state == "failed":
            self._catalog.verdicts.fail(claim, "encoder", "FFmpeg ended with 187.")


def job_of(title: Title) -> str:
    return f"api__{title.content_type}_{title.content_id}"


@pytest.fixture(scope="module")
def shelf(services: Services, database: Database) -> Shelf:
    return Shelf(services.catalog, database)


@pytest.fixture(scope="module")
def stocked(shelf: Shelf) -> dict[str, Title]:
    """A title in each state, by its state; their names say it too."""
    return {state: shelf.add(f"The {state} one", state) for state in STATES}
