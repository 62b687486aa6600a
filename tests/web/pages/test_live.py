"""Progress in the library, of a run of a real Airflow."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from nightreel.runs.airflow_api import AirflowClient
from nightreel.web.services import Services
from tests.catalog.conftest import RESULT
from tests.web.airflow_server import AirflowServer
from tests.web.jobs.conftest import StagedRun, queued
from tests.web.watch.conftest import Open

__all__ = ["queued"]

pytestmark = pytest.mark.browser


# Before the browser: while one is driven, the server's start would be waited for in its thread.
@pytest.fixture(scope="module")
def services(services: Services, airflow_server: AirflowServer) -> Services:
    token = airflow_server.token()
    return replace(services, airflow=lambda caller: AirflowClient.with_token(airflow_server.url, token))


def test_a_title_is_followed_from_the_backlog_to_its_stream_without_loading_the_page_anew(
    open_page: Open, queued: StagedRun
) -> None:
    page = open_page(f"/?q=Movie+{queued.title.content_id}", "read", "convert")
    page.evaluate("window.stayed = true")
    badge, bar = page.locator("#titles .badge"), page.locator("#titles progress")
    expect(badge).to_have_text("Pending")

    queued.begin()
    claim = queued.claim()
    expect(badge).to_have_text("Converting", timeout=10_000)
    queued.expand("360p")
    queued.encode(0, 50.0)
    expect(page.locator(".live-words")).to_contain_text("%", timeout=10_000)
    expect(bar).not_to_have_js_property("value", 0, timeout=10_000)

    with queued.catalog.publications.holding(claim) as publication:
        publication.complete(replace(RESULT, poster_url=None))
    queued.end("success")
    expect(badge).to_have_text("Published", timeout=10_000)
    assert page.evaluate("window.stayed")
