"""The pages within Airflow's own UI: in its sandboxed frames, for its own users."""

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from nightreel.catalog import Catalog
from nightreel.runs.dags import CONVERT_DAG
from nightreel.web.services import Services
from tests.catalog.conftest import Database
from tests.web.airflow_server import AirflowServer
from tests.web.watch.conftest import PLAN
from tests.web.watch.released import Publisher

pytestmark = pytest.mark.browser

RUN = "manual__2026-11-21T01:00:00+00:00_8101"


@pytest.fixture(scope="module")
def publisher(
    airflow_server: AirflowServer, encoded: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Publisher:
    """Of what Airflow's server serves."""
    installed = airflow_server.installation
    catalog = Catalog.from_dsn(installed.dsn, installed.catalog.mapping)
    services = Services(
        installed.settings,
        lambda: catalog,
        lambda: installed.bucket,
        lambda caller: airflow_server.client(),
    )
    folder = tmp_path_factory.mktemp("releases")
    return Publisher(services, Database(installed.dsn), encoded, PLAN, folder)


@pytest.fixture(scope="module")
def run(airflow_server: AirflowServer, publisher: Publisher) -> str:
    """The id of a run that published a title."""
    title = publisher.database.add_movie(8101)
    with airflow_server.client("user") as airflow:
        conf = {"content_type": title.content_type, "content_id": title.content_id}
        airflow.trigger(CONVERT_DAG, conf, RUN)
    publisher.publish(publisher.claim(title, RUN))
    airflow_server.query("UPDATE dag_run SET state = 'success', end_date = now() WHERE run_id = %s", RUN)
    return RUN


@pytest.fixture
def ui(browser: Browser, airflow_server: AirflowServer) -> Page:
    """Airflow's UI, for a viewer."""
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    cookie = {"name": "_token", "value": airflow_server.token("viewer"), "url": airflow_server.url}
    page.context.add_cookies([cookie])
    return page


def frame(page: Page, title: str) -> FrameLocator:
    return page.frame_locator(f"iframe[title={title}]")


def test_the_library_and_the_night_are_in_the_navigation(ui: Page, airflow_server: AirflowServer) -> None:
    ui.goto(airflow_server.url)
    ui.get_by_role("link", name="Nightreel").click()
    expect(frame(ui, "Nightreel").get_by_role("heading", level=1)).to_have_text("Library")
    ui.get_by_role("link", name="Tonight", exact=True).first.click()
    expect(frame(ui, "Tonight").get_by_role("heading", level=1)).to_contain_text("onight")


def test_beside_its_run_a_title_plays_in_the_frame_and_links_lead_out_of_it(
    ui: Page, airflow_server: AirflowServer, run: str
) -> None:
    address = f"{airflow_server.url}/dags/{CONVERT_DAG}/runs/{quote(run, safe='')}"
    ui.goto(address)
    ui.get_by_title("Watch", exact=True).click()
    within = frame(ui, "Watch")
    for stream in ("HLS", "DASH"):
        player = within.get_by_role("region", name=f"{stream} player")
        player.get_by_role("button", name="Play (k)").click()
        expect(player.locator(".player-time")).to_have_text("0:01 / 0:12")
        player.get_by_role("button", name="Full screen (f)").click()
        player.get_by_role("button", name="Leave full screen (f)").click()
        expect(player.get_by_role("button", name="Full screen (f)")).to_be_visible()
    within.get_by_role("link", name="Run in Airflow").first.click()
    expect(ui.locator("iframe")).to_have_count(0)
    ui.get_by_title("Report", exact=True).click()
    expect(frame(ui, "Report").get_by_role("heading", name="No report")).to_be_visible()
