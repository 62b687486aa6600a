"""A browser, the page it visits, and a small library of published titles."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.release import content_type_of
from tests.players import library
from tests.players.chromium import chromium, find_chromium
from tests.players.counting_server import CountingServer, counting_server
from tests.players.library import SOURCES, PublishedTitle
from tests.players.server import serve
from tests.players.site import players_site as serve_players


# Per module and no longer: while a browser is driven, nothing else in this thread may run asyncio.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        reason = "no Chromium here; on Debian: apt install chromium"
        if os.environ.get("NIGHTREEL_REQUIRE_BROWSER"):
            pytest.fail(f"NIGHTREEL_REQUIRE_BROWSER is set, but {reason}")
        pytest.skip(reason)
    with chromium(executable) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_page() as page:
        yield page


# After the browser, so that without one nothing is installed.
@pytest.fixture(scope="module")
def players_site(browser: Browser) -> Iterator[str]:
    """The address of the player page."""
    with serve_players() as address:
        yield address


@pytest.fixture(scope="session")
def titles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, PublishedTitle]:
    """The published titles, by the name of their source."""
    bucket, work = tmp_path_factory.mktemp("bucket"), tmp_path_factory.mktemp("work")
    return {source.name: library.publish(source, bucket, work) for source in SOURCES}


@pytest.fixture(scope="module")
def public_url(titles: dict[str, PublishedTitle]) -> Iterator[str]:
    """Where the published titles are served: another origin than the page's, as a bucket is."""
    bucket = next(iter(titles.values())).bucket
    with serve({"/": bucket}, content_type_of) as address:
        yield address


@pytest.fixture
def server(bucket: Bucket) -> Iterator[CountingServer]:
    """The bucket of two releases, with a list of what was asked for."""
    with counting_server(bucket) as server:
        yield server
