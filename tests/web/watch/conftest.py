"""A few published titles, and a browser that is signed in."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page

from nightreel.media.programs.binaries import find_binaries
from nightreel.media.renditions import TextRendition
from nightreel.vocabulary.scopes import Scope
from nightreel.web.access.sessions import COOKIE, open_session
from nightreel.web.services import Services
from tests.catalog.conftest import Database
from tests.media.packaged import encoded_renditions, picture, small_plan, sound
from tests.players.conftest import browser
from tests.web.watch.released import Publisher
from tests.web.watch.serving import served

__all__ = ["browser"]

PLAN = small_plan(
    video=(picture("54p", 54), picture("108p", 108)),
    audio=(sound("audio_en", "en", 1, "English"), sound("audio_fr", "fr", 2, "Français")),
    text=(
        TextRendition(name="subs_en", label="Spoken", language="en", stream=3),
        TextRendition(name="subs_fr", label="Parlé", language="fr", stream=4),
    ),
    # Of several pictures for seeking, and longer than what is buffered before it is played.
    frames=300,
).model_copy(update={"sprite_seconds": 2.0})


@pytest.fixture(scope="module")
def setting_overrides() -> dict[str, Any]:
    return {
        "key_uri": "https://keys.example/keys/{key_id}",
        "clearkey_license_url": "https://keys.example/clearkey",
    }


@pytest.fixture(scope="session")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files that every title here is packaged from."""
    return encoded_renditions(PLAN, tmp_path_factory.mktemp("encoded"), find_binaries().ffmpeg)


@pytest.fixture(scope="module")
def publisher(
    services: Services,
    database: Database,
    encoded: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Publisher:
    return Publisher(services, database, encoded, PLAN, tmp_path_factory.mktemp("releases"))


@pytest.fixture(scope="module")
def site(app: FastAPI) -> Iterator[str]:
    """The address of the app."""
    with served(app) as address:
        yield address


Open = Callable[..., Page]


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """The errors in the console; a test that expects some takes them away."""
    seen: list[str] = []
    yield seen
    assert seen == []


@pytest.fixture
def open_page(browser: Browser, services: Services, site: str, complaints: list[str]) -> Iterator[Open]:
    """Opens a page of the app in a session with these scopes."""
    pages: list[Page] = []

    def open_page(path: str, *scopes: Scope, **options: Any) -> Page:
        key, _ = services.catalog.api_keys.make("a test's browser", scopes or ("read",))
        session = open_session(services.catalog.sessions, key.key_id)
        page = browser.new_page(**options)
        page.context.add_cookies([{"name": COOKIE, "value": session, "url": site}])
        page.on("console", lambda message: complaints.extend([message.text] * (message.type == "error")))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        pages.append(page)
        page.goto(f"{site}{path}")
        return page

    yield open_page
    for page in pages:
        page.close()
