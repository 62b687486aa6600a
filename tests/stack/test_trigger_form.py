"""One title, converted by a person who has nothing but Airflow's UI and a browser.

With NIGHTREEL_SCREENSHOTS=<folder> the pictures of the README are taken on the way.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from nightreel.catalog import TitleStatus
from nightreel.cli.deployment import embedded
from nightreel.deployment import Deployment
from nightreel.local import samples
from nightreel.local.addresses import StackAddresses
from nightreel.local.stack import Stack
from nightreel.places import PROJECT_ROOT
from nightreel.runs.airflow_api import AirflowClient
from nightreel.sources.intake import upload_source
from nightreel.vocabulary.title import Title
from tests.players import driver
from tests.players.conftest import browser, players_site
from tests.stack.demo_stack import DemoStack
from tests.stack.pictures import keep_picture

__all__ = ["browser", "players_site"]

pytestmark = [pytest.mark.stack, pytest.mark.browser]

TITLE, NAME = Title("movie", "700"), "By hand"
DAG = "convert_title"
RUN_MS = 300_000.0
STEP_MS = 60_000.0
BUFFER_SECONDS = 30.0
"""More than the title lasts."""
PICTURE = ViewportSize(width=1280, height=800)
# Airflow's pages are roomy: seen from a little further away, a whole run fits into the picture.
WINDOW = ViewportSize(width=1600, height=1000)
SCALE = PICTURE["width"] / WINDOW["width"]


@pytest.fixture(scope="module")
def stack(browser: object, demo: DemoStack) -> Stack:
    # After the browser: without one, nothing is started.
    return demo.stack


@pytest.fixture(scope="module")
def addresses(stack: Stack) -> StackAddresses:
    addresses = stack.status().addresses
    assert addresses is not None
    return addresses


@pytest.fixture(scope="module")
def place(demo: DemoStack, stack: Stack) -> Deployment:
    """The stack, with a clip of the demo in its catalog once more, as a title that is not converted yet."""
    place = embedded(stack)
    clip = demo.home.root / "cache" / samples.BUNNY.file_name
    place.catalog().titles.add(TITLE, NAME, upload_source(place.bucket(), clip, TITLE, lambda _: None))
    return place


@pytest.fixture
def airflow(stack: Stack) -> Iterator[AirflowClient]:
    with stack.client() as client:
        yield client


@pytest.fixture(scope="module")
def page(browser: Browser, addresses: StackAddresses) -> Iterator[Page]:
    """The UI, to which the person has logged in."""
    with browser.new_context(
        viewport=WINDOW, device_scale_factor=SCALE, color_scheme="light", locale="en-GB"
    ) as context:
        context.set_default_timeout(STEP_MS)
        page = context.new_page()
        page.goto(f"{addresses.airflow_url}/dags/{DAG}")
        page.locator("input[name=username]").fill(addresses.username)
        page.locator("input[name=password]").fill(addresses.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**/dags/{DAG}")
        yield page


def open_form(page: Page, addresses: StackAddresses) -> Locator:
    """The trigger form, as it is before anything is filled in."""
    page.goto(f"{addresses.airflow_url}/dags/{DAG}")
    page.get_by_role("button", name="Trigger").first.click()
    form = page.get_by_role("dialog")
    form.get_by_text("Content type").wait_for()
    return form


def content_id(form: Locator) -> Locator:
    return form.locator("[name=element_content_id]")


def choices(form: Locator, field: str) -> list[str]:
    """What a field with choices offers."""
    form.locator(f"#element_{field}").get_by_role("combobox").click()
    options = form.page.get_by_role("option")
    options.first.wait_for()
    offered = options.all_inner_texts()
    options.first.click()
    return offered


@pytest.fixture(scope="module")
def api(addresses: StackAddresses) -> Iterator[httpx.Client]:
    """Airflow's API, with the leave of the person who logged in."""
    with httpx.Client(base_url=addresses.airflow_url, trust_env=False) as client:
        who = {"username": addresses.username, "password": addresses.password}
        token = client.post("/auth/token", json=who).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@dataclass(frozen=True)
class Triggered:
    """A run that was started through the form, and how it ended."""

    run_id: str
    url: str
    state: str


@pytest.fixture(scope="module")
def run(page: Page, addresses: StackAddresses, place: Deployment) -> Triggered:
    form = open_form(page, addresses)
    content_id(form).fill(TITLE.content_id)
    expect(form.get_by_role("button", name="Trigger")).to_be_enabled(timeout=STEP_MS)
    keep_picture(page, "trigger-form")
    form.get_by_role("button", name="Trigger").click()
    page.wait_for_url(f"**/dags/{DAG}/runs/*")
    badge = page.get_by_test_id("header-card").get_by_test_id("state-badge")
    expect(badge).to_have_text(re.compile("Success|Failed"), timeout=RUN_MS)
    return Triggered(unquote(page.url.rpartition("/")[2]), page.url, badge.inner_text())


@pytest.fixture(scope="module")
def published(run: Triggered, place: Deployment) -> TitleStatus:
    (status,) = place.catalog().titles.status(TITLE.content_type, TITLE.content_id)
    return status


@pytest.fixture
def report(published: TitleStatus) -> str:
    """The path of the run's report."""
    return f"/nightreel/reports/{TITLE.content_type}/{TITLE.content_id}/{published.release}/index.html"


def test_the_form_offers_choices_and_wants_an_id(page: Page, addresses: StackAddresses) -> None:
    form = open_form(page, addresses)
    expect(form.get_by_role("button", name="Trigger")).to_be_disabled()
    assert choices(form, "content_type") == ["movie", "episode"]
    assert choices(form, "ladder") == ["240p", "360p", "480p", "720p", "1080p", "1440p", "2160p"]
    expect(form.get_by_role("checkbox", name="Force")).not_to_be_checked()
    content_id(form).fill("7")
    expect(form.get_by_role("button", name="Trigger")).to_be_enabled()


def test_the_form_refuses_what_can_be_no_id(
    page: Page, addresses: StackAddresses, airflow: AirflowClient
) -> None:
    before = airflow.runs(DAG)
    form = open_form(page, addresses)
    content_id(form).fill("../7")
    form.get_by_role("button", name="Trigger").click()
    expect(page.get_by_text("does not match")).to_be_visible(timeout=STEP_MS)
    assert airflow.runs(DAG) == before


def test_a_title_is_converted_through_the_form_alone(run: Triggered, published: TitleStatus) -> None:
    assert run.state == "Success"
    assert (published.state, published.reason) == ("published", None)


def test_the_task_that_encodes_is_named_by_the_renditions_that_it_makes(
    page: Page, run: Triggered, published: TitleStatus
) -> None:
    page.goto(f"{run.url}?sort=start_date")
    pictures = " ".join(variant.quality for variant in reversed(published.variants))
    name = f"{pictures}, audio und, audio und 51"
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible(timeout=STEP_MS)
    keep_picture(page, "grid")


def test_what_was_converted_plays(browser: Browser, published: TitleStatus, players_site: str) -> None:
    assert published.hls_url is not None
    with browser.new_page(viewport=PICTURE, color_scheme="light") as player:
        playback = driver.open_player(player, "hls.js", site=players_site, patience_seconds=STEP_MS / 1000)
        playback.load(published.hls_url, BUFFER_SECONDS)
        # hls.js reports a segment as failed that a change of the variant finds on its way.
        playback.buffered(BUFFER_SECONDS)
        variants = playback.variants()
        for index, variant in enumerate(variants):
            assert playback.play_variant(index, driver.SHOWN_SECONDS).size == variant.size
        end = playback.play_to_end(1.0)
        assert playback.facts()["errors"] == []
    assert len(variants) == len(published.variants)
    assert end == pytest.approx(published.duration_seconds, abs=0.2)


def test_the_validate_task_has_a_button_that_opens_the_report(page: Page, run: Triggered) -> None:
    page.goto(f"{run.url}/tasks/validate/details")
    page.get_by_role("link", name="Validation report").click()
    page.wait_for_url("**/index.html")
    rows = page.locator("#Validation-Results tr.clickable-row")
    expect(rows).to_have_count(8, timeout=STEP_MS)
    rows.filter(has_text="playlists").click()
    expect(page.locator("#section-1")).to_contain_text("Succeeded", timeout=STEP_MS)
    keep_picture(page, "report")


def test_each_button_is_on_its_task_alone(api: httpx.Client, run: Triggered, report: str) -> None:
    def links(task_id: str) -> dict[str, str | None]:
        path = f"/api/v2/dags/{DAG}/dagRuns/{run.run_id}/taskInstances/{task_id}/links"
        return dict(api.get(path).raise_for_status().json()["extra_links"])

    watch = f"/nightreel/runs/{quote(run.run_id, safe='')}"
    assert links("validate") == {"Validation report": report, "Watch": None}
    assert links("publish") == {"Validation report": None, "Watch": watch}
    assert links("plan") == {"Validation report": None, "Watch": None}


def test_the_report_is_shown_to_nobody_who_has_not_logged_in(
    api: httpx.Client, addresses: StackAddresses, report: str
) -> None:
    forged = {"Authorization": f"Bearer {'x' * 40}"}
    with httpx.Client(base_url=addresses.airflow_url, trust_env=False) as stranger:
        for page in (report, report.replace("index.html", "expectations/source.html")):
            assert api.get(page).status_code == httpx.codes.OK
            assert stranger.get(page).status_code == httpx.codes.UNAUTHORIZED
            assert stranger.get(page, headers=forged).status_code == httpx.codes.UNAUTHORIZED


def test_every_dag_and_the_plugin_import(
    airflow: AirflowClient, addresses: StackAddresses, demo: DemoStack
) -> None:
    assert airflow.import_errors() == []
    done = subprocess.run(
        [sys.executable, "-m", "airflow", "dags", "list-import-errors", "--output", "json"],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(demo.home.airflow),
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": addresses.airflow_dsn.replace(
                "postgresql://", "postgresql+psycopg2://"
            ),
            "PYTHONPATH": str(PROJECT_ROOT / "include"),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
