"""The tabs of a run: what it made, or how far it is."""

import re

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from nightreel.runs.dags import CONVERT_DAG
from nightreel.vocabulary.title import Title
from tests.web.airflow_server import AirflowServer
from tests.web.conftest import ClientWith
from tests.web.watch.conftest import Open
from tests.web.watch.released import Publisher


def queue_run(airflow_server: AirflowServer, title: Title, run_id: str) -> None:
    with airflow_server.client("user") as airflow:
        conf = {"content_type": title.content_type, "content_id": title.content_id}
        airflow.trigger(CONVERT_DAG, conf, run_id)


@pytest.fixture(scope="module")
def reader(client_with: ClientWith) -> TestClient:
    return client_with("read")


def test_a_page_leads_who_is_not_signed_in_to_the_sign_in_page_and_back(stranger: TestClient) -> None:
    for path in ("/titles/movie/1", "/runs/run_1", "/runs/run_1/report"):
        answer = stranger.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")


def test_a_title_that_nobody_converted_says_that_its_turn_comes(
    reader: TestClient, publisher: Publisher
) -> None:
    publisher.database.add_movie(11)
    page = reader.get("/titles/movie/11").text
    assert "Not converted yet" in page
    assert 'id="players"' not in page


@pytest.mark.parametrize("path", ["/titles/movie/99999", "/titles/movie/abc", "/titles/nothing/1"])
def test_a_title_that_is_not_there_is_not_found(reader: TestClient, path: str) -> None:
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/titles/movie/%00", "/titles/MOVIE/1", "/runs/%00", "/runs/a%20b/report"])
def test_what_cannot_name_a_title_or_a_run_is_refused(reader: TestClient, path: str) -> None:
    assert reader.get(path).status_code == 422


def test_a_reader_is_offered_no_actions(client_with: ClientWith, publisher: Publisher) -> None:
    publisher.database.add_movie(12)
    assert "data-action" not in client_with("read").get("/titles/movie/12").text
    assert "data-action" in client_with("read", "convert").get("/titles/movie/12").text


def test_a_title_that_was_refused_says_why(reader: TestClient, publisher: Publisher) -> None:
    claim = publisher.claimed(13, "Silence", "run_refused")
    publisher.services.catalog.verdicts.quarantine(claim, "no_video", "The source has no <picture>.")
    for path in ("/titles/movie/13", "/runs/run_refused"):
        assert "The source has no &lt;picture&gt;." in reader.get(path).text


def test_a_run_shows_its_own_release_also_after_a_later_one(reader: TestClient, publisher: Publisher) -> None:
    claim = publisher.claimed(14, "Twice", "run_first")
    title = publisher.publish(claim)
    prefix = publisher.services.bucket.public_url_of(f"hls/movies/{title.content_id}/")
    first = reader.get("/runs/run_first").text
    assert f'data-hls="{prefix}releases/{claim.release}/master.m3u8"' in first
    assert "replaced by a later one" not in first

    second = publisher.claim(title, "run_second")
    publisher.publish(second)
    first = reader.get("/runs/run_first").text
    assert f'data-hls="{prefix}releases/{claim.release}/master.m3u8"' in first
    assert "replaced by a later one" in first
    page = reader.get(f"/titles/movie/{title.content_id}").text
    assert f'data-hls="{prefix}master.m3u8"' in page
    assert "The quality of this release was not measured" in page.replace("the quality", "The quality")
    assert page.index("run_second") < page.index("run_first")


def test_the_runs_of_other_dags_have_nothing_to_watch(reader: TestClient) -> None:
    for path in ("/runs/run_1", "/runs/run_1/report"):
        answer = reader.get(path, params={"dag": "nightly_backlog"})
        assert answer.status_code == 200
        assert 'This is a run of <span class="mono">nightly_backlog</span>' in answer.text


@pytest.mark.browser
def test_the_report_of_a_run_is_shown_suite_by_suite_in_a_sandbox(
    open_page: Open, publisher: Publisher
) -> None:
    claim = publisher.claimed(15, "Judged", "run_judged")
    page = open_page("/runs/run_judged/report")
    expect(page.get_by_role("heading", name="No report")).to_be_visible()
    validations = publisher.services.settings.reports / "movie" / "15" / claim.release / "validations"
    for suite in ("audio", "stills"):
        (validations / suite).mkdir(parents=True)
        (validations / suite / "page.html").write_text(f"<h1>Verdicts on {suite}</h1>")
    page.reload()
    report = page.frame_locator("iframe[sandbox=allow-scripts]")
    expect(report.get_by_role("heading")).to_have_text("Verdicts on audio")
    page.get_by_role("link", name="stills").click()
    expect(report.get_by_role("heading")).to_have_text("Verdicts on stills")


def test_a_run_that_airflow_does_not_know_is_not_found(reader: TestClient) -> None:
    answer = reader.get("/runs/never_was")
    assert answer.status_code == 404
    assert "never_was" in answer.json()["detail"]


@pytest.mark.browser
def test_a_run_shows_its_progress_and_then_the_player_without_a_reload(
    open_page: Open, publisher: Publisher, airflow_server: AirflowServer
) -> None:
    title, run_id = publisher.database.add_movie(16), "run_followed"
    queue_run(airflow_server, title, run_id)
    page = open_page(f"/runs/{run_id}")
    page.evaluate("window.stillHere = true")
    expect(page.get_by_role("region", name="Progress")).to_be_visible()
    expect(page.locator("#progress-figure")).to_have_text(re.compile(r"\d+ %"))

    publisher.publish(publisher.claim(title, run_id))
    airflow_server.query("UPDATE dag_run SET state = 'success', end_date = now() WHERE run_id = %s", run_id)
    expect(page.get_by_role("region", name="HLS player")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("region", name="Progress")).to_be_hidden()
    assert page.evaluate("window.stillHere")


@pytest.mark.browser
def test_a_title_is_converted_from_its_page_and_followed_there(
    open_page: Open, publisher: Publisher, airflow_server: AirflowServer
) -> None:
    publisher.database.add_movie(17)
    publisher.services.bucket.put_bytes("movies/17.mp4", b"a source", "video/mp4", "no-store")
    page = open_page("/titles/movie/17", "read", "convert")
    expect(page.get_by_role("region", name="Progress")).to_be_hidden()
    page.get_by_role("button", name="Convert", exact=True).click()
    expect(page.get_by_role("region", name="Progress")).to_be_visible(timeout=60_000)
    expect(page.locator("#progress-figure")).to_have_text(re.compile(r"\d+ %"))


@pytest.mark.browser
def test_a_run_that_ended_before_it_claimed_its_title_says_so(
    open_page: Open, publisher: Publisher, airflow_server: AirflowServer
) -> None:
    title, run_id = publisher.database.add_movie(18), "run_ended_early"
    queue_run(airflow_server, title, run_id)
    airflow_server.query("UPDATE dag_run SET state = 'failed', end_date = now() WHERE run_id = %s", run_id)
    page = open_page(f"/runs/{run_id}")
    expect(page.locator("#progress-message")).to_have_text(re.compile("ended|failed"))
