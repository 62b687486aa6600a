"""The pages on the whole stack: a film is dropped on the library, followed, watched; in Airflow's UI too.

With NIGHTREEL_SCREENSHOTS=<folder> the pictures of the README are taken on the way.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, ViewportSize, expect

from nightreel.local.addresses import StackAddresses
from nightreel.local.credentials import credentials
from nightreel.media.programs.binaries import find_binaries
from tests.media.clips import Clip, Sound
from tests.players.conftest import browser
from tests.stack.demo_stack import DemoStack
from tests.stack.pictures import keep_picture
from tests.web.pages.test_uploads_in_a_browser import DROP

__all__ = ["browser"]

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.timeout(1500)]

NAME, CONTENT_ID = "Dropped on the library", "800"
RUN_MS = 300_000.0
STEP_MS = 60_000.0
WINDOW = ViewportSize(width=1280, height=800)


@pytest.fixture(scope="module")
def addresses(browser: Browser, demo: DemoStack) -> StackAddresses:
    # After the browser: without one, nothing is started.
    found = demo.stack.status().addresses
    assert found is not None
    return found


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator[Page]:
    """A person's own browser; scripts that fail on a page fail the test."""
    with browser.new_context(viewport=WINDOW, color_scheme="light", locale="en-GB") as context:
        context.set_default_timeout(STEP_MS)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        yield page
        assert faults == []


@pytest.fixture(scope="module")
def library(browser: Browser, addresses: StackAddresses) -> Iterator[Page]:
    """The web app that stands alone, for a person who signed in with a key."""
    with visiting(browser, addresses.web_url) as page:
        page.locator("input[type=password]").fill(addresses.web_key)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Library", exact=True)).to_be_visible()
        yield page


@contextmanager
def airflow_ui(browser: Browser, addresses: StackAddresses, user: str, password: str) -> Iterator[Page]:
    """Airflow's UI, to which this user has logged in."""
    with visiting(browser, addresses.airflow_url) as page:
        page.locator("input[name=username]").fill(user)
        page.locator("input[name=password]").fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("link", name="Nightreel")).to_be_visible()
        yield page


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # In full range it is not copied. A copy would be one segment, and players change quality at the next.
    full_range = ("-color_range", "pc")
    clip = Clip(
        picture="testsrc2=size=640x360:rate=25", seconds=8, sounds=(Sound(seconds=8),), after=full_range
    )
    return clip.write(tmp_path_factory.mktemp("film") / "film.mp4", find_binaries().ffmpeg)


@pytest.fixture(scope="module")
def dropped(library: Page, film: Path) -> str:
    """The film was dropped, sent, converted, and shown on the way; what the row said meanwhile."""
    assert library.evaluate(DROP, ["film.mp4", base64.b64encode(film.read_bytes()).decode()])
    dialog = library.get_by_role("dialog", name="Upload a video")
    dialog.get_by_label("Name").fill(NAME)
    dialog.get_by_label("Id").fill(CONTENT_ID)
    library.keyboard.press("Enter")
    title = row(library)
    expect(title.locator(".live-words")).to_contain_text(re.compile(r"\d+ ?%"), timeout=RUN_MS)
    words = title.locator(".live-words").inner_text()
    # Without loading the page anew.
    expect(title.locator(".badge")).to_have_text("Published", timeout=RUN_MS)
    return words


def row(page: Page | FrameLocator) -> Locator:
    return page.locator(f"li[data-key='movie/{CONTENT_ID}']")


def player(page: Page | FrameLocator, stream: str) -> Locator:
    return page.get_by_role("region", name=f"{stream} player")


def plays(page: Page | FrameLocator, stream: str) -> None:
    """The player plays when it is asked to, and the time moves on."""
    player(page, stream).get_by_role("button", name="Play (k)").click()
    expect(player(page, stream).locator(".player-time")).to_have_text(re.compile("0:0[1-9] / 0:08"))


def test_a_dropped_film_is_followed_in_the_library_until_it_is_published(dropped: str) -> None:
    assert "%" in dropped


@pytest.mark.parametrize("stream", ["HLS", "DASH"])
@pytest.mark.usefixtures("dropped")
def test_it_plays_on_its_page_seeks_and_changes_quality(library: Page, stream: str) -> None:
    library.get_by_role("link", name="Library", exact=True).first.click()
    library.get_by_role("link", name=NAME).click()
    plays(library, stream)
    within = player(library, stream)
    seek_bar = within.get_by_role("slider", name="Seek")
    seek_bar.focus()
    library.keyboard.press("Home")
    expect(within.locator(".player-time")).to_have_text(re.compile("0:00 / "))
    for height in ("240", "360"):
        within.get_by_role("button", name=re.compile("^Quality")).click()
        within.get_by_role("menuitemradio", name=re.compile(f"^{height}p")).click()
        expect(within.locator(".player-shown")).to_contain_text(f"{height}p")
        video = within.locator("video").element_handle()
        library.wait_for_function(f"video => video.videoHeight === {height}", arg=video)


def test_by_keyboard_alone_a_title_is_found_opened_and_played(library: Page, dropped: str) -> None:
    library.get_by_role("link", name="Library", exact=True).first.press("Enter")
    # Shown by the page's script, which also listens to the keys.
    expect(library.get_by_role("button", name="Upload", exact=True)).to_be_visible()
    library.keyboard.press("/")
    library.keyboard.type(NAME)
    expect(library.locator("#titles h2")).to_have_text([NAME])
    library.get_by_role("link", name=NAME).focus()
    library.keyboard.press("Enter")
    video = player(library, "HLS").locator("video")
    expect(video).to_be_visible()
    library.wait_for_function("video => video.readyState >= 2", arg=video.element_handle())
    library.keyboard.press("k")
    library.wait_for_function("video => !video.paused && video.currentTime > 0", arg=video.element_handle())


def test_every_page_has_its_heading_and_the_players_their_stream(
    library: Page, demo: DemoStack, addresses: StackAddresses, dropped: str
) -> None:
    bunny = f"/titles/movie/{demo.title('Big Buck Bunny')['content_id']}"
    for path, name in (("/", "library"), ("/tonight", "tonight"), (bunny, "title")):
        library.goto(addresses.web_url + path)
        expect(library.get_by_role("heading", level=1)).to_be_visible()
        if name == "title":
            expect(player(library, "DASH").locator(".player-shown")).to_contain_text("p ·")
        keep_picture(library, name)


def test_in_airflows_frame_the_library_leads_to_a_title_that_plays(
    browser: Browser, addresses: StackAddresses, dropped: str
) -> None:
    with airflow_ui(browser, addresses, addresses.username, addresses.password) as page:
        page.get_by_role("link", name="Nightreel").click()
        within = page.frame_locator("iframe[title=Nightreel]")
        expect(row(within)).to_be_visible()
        row(within).locator("summary").click()
        expect(within.get_by_role("button", name=re.compile("Convert again")).first).to_be_visible()
        page.keyboard.press("Escape")
        keep_picture(page, "in-airflow")
        within.get_by_role("link", name=NAME).click()
        plays(within, "HLS")


def test_a_viewer_watches_in_airflows_frame_and_is_refused_to_convert(
    browser: Browser, demo: DemoStack, addresses: StackAddresses, dropped: str
) -> None:
    password = credentials(demo.home).viewer_password
    with airflow_ui(browser, addresses, "viewer", password) as page:
        page.get_by_role("link", name="Nightreel").click()
        within = page.frame_locator("iframe[title=Nightreel]")
        expect(row(within)).to_be_visible()
        expect(within.get_by_text("does not have")).to_be_visible()
        expect(row(within).locator("summary")).to_have_count(0)
        for method, path in (
            ("POST", f"/videos/movie/{CONTENT_ID}/convert"),
            ("DELETE", f"/videos/movie/{CONTENT_ID}"),
            ("POST", "/api/v1/backlog/pause"),
        ):
            asked = f"fetch('/nightreel{path}', {{method: '{method}'}}).then(({{status}}) => status)"
            assert page.evaluate(asked) == 403
        within.get_by_role("link", name=NAME).click()
        plays(within, "DASH")
