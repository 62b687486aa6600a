"""The backlog's schedule, and how the next night should go."""

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from nightreel.catalog import Catalog, Claim, RowRefusal
from nightreel.runs.airflow_api import AirflowClient
from nightreel.runs.dags import WHILE_PAUSED
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title
from nightreel.web.access import Caller
from nightreel.web.services import Services
from nightreel.web.titles import waiting
from nightreel.web.titles.forecast_models import Tonight
from nightreel.web.titles.tonight import tonight
from tests.catalog.conftest import LEASE, RESULT, Database, publish
from tests.web.airflow_server import AirflowServer
from tests.web.conftest import ClientWith
from tests.web.pages.html import Html

CALLER = Caller("a test", frozenset({"read"}))


@pytest.fixture(scope="module")
def setting_overrides() -> dict[str, Any]:
    return {
        "backlog_max_titles": 3,
        "backlog_max_source_hours": 4.0,
        "title_concurrency": 1,
        "backlog_deadline_seconds": 3600,
        "allowed_hosts": "127.0.0.1",
    }


@pytest.fixture(scope="module")
def client(client_with: ClientWith) -> TestClient:
    return client_with("read", "convert")


@pytest.fixture
def without_airflow(services: Services) -> Services:
    """The same installation, whose Airflow does not answer, and of which nothing is remembered."""
    catalog = Catalog.from_dsn(services.settings.catalog_dsn.get_secret_value(), services.catalog.mapping)
    return replace(
        services,
        open_catalog=lambda: catalog,
        airflow=lambda _: AirflowClient.with_token("http://127.0.0.1:9", "none"),
    )


@pytest.fixture(autouse=True)
def no_titles(services: Services, database: Database) -> None:
    tables = "movies, episodes, nightreel.conversions, nightreel.attempts, nightreel.releases"
    database.query(f"TRUNCATE {tables} CASCADE")
    waiting._seen.clear()


def claimed(services: Services, title: Title) -> Claim:
    claim = services.catalog.claims.one(title, "run-1", LEASE)
    assert isinstance(claim, Claim)
    return claim


def first_released(services: Services, title: Title) -> None:
    publish(services.catalog, claimed(services, title), replace(RESULT, complete=False))


def services_anew(services: Services, **options: Any) -> Services:
    """The same installation with other settings, of which nothing is remembered."""
    waiting._seen.clear()
    return replace(services, settings=services.settings.model_copy(update=options))


def of(night: Tonight, part: str) -> list[str]:
    return [title.content_id for title in night.titles if title.part == part]


def test_the_backlog_says_when_it_is_taken_up_next(client: TestClient, services: Services) -> None:
    night = client.get("/api/v1/backlog").json()
    assert night["schedule"] == "0 1 * * *"
    begins = datetime.fromisoformat(night["next_run_at"])
    assert begins > datetime.now(UTC)
    assert (begins.astimezone(UTC).hour, begins.minute) == (1, 0)


def test_the_backlog_is_paused_and_resumed(client: TestClient, airflow_server: AirflowServer) -> None:
    for action, paused in (("pause", True), ("pause", True), ("resume", False)):
        assert client.post(f"/api/v1/backlog/{action}").json()["paused"] is paused
        assert client.get("/api/v1/backlog").json()["paused"] is paused
        with airflow_server.client() as airflow:
            assert airflow.dag("nightly_backlog").is_paused is paused


@pytest.mark.parametrize("dag_id", WHILE_PAUSED)
def test_a_dag_that_is_paused_is_told_with_what_is_not_done(
    client: TestClient, airflow_server: AirflowServer, dag_id: str
) -> None:
    assert client.get("/api/v1/backlog").json()["paused_dags"] == []
    with airflow_server.client() as airflow:
        airflow.pause(dag_id, True)
        try:
            assert client.get("/api/v1/backlog").json()["paused_dags"] == [dag_id]
            night = client.get("/api/v1/tonight").json()["night"]
            page = Html.of(client.get("/tonight").text)
        finally:
            airflow.pause(dag_id, False)
    assert (night["paused_dags"], night["paused"]) == ([dag_id], dag_id == "nightly_backlog")
    (told,) = page.texts("//*[@id='paused']//li")
    assert dag_id in told
    assert WHILE_PAUSED[dag_id] in told


def test_while_airflow_does_not_answer_the_clock_says_when_the_night_begins(
    without_airflow: Services,
) -> None:
    night = tonight(without_airflow, CALLER)
    assert (night.night.paused, night.night.paused_dags) == (None, None)
    assert night.begins_at > datetime.now(UTC)
    assert night.deadline == night.begins_at + timedelta(hours=1)


def test_a_schedule_that_is_not_by_the_clock_begins_at_no_known_time(without_airflow: Services) -> None:
    settings = without_airflow.settings.model_copy(update={"backlog_schedule": "@once"})
    night = tonight(replace(without_airflow, settings=settings), CALLER)
    assert night.night.next_run_at is None


def test_tonight_tells_what_is_taken_what_is_left_and_what_never_can_be(
    client: TestClient, database: Database
) -> None:
    for number in range(1, 6):
        database.add_movie(number)
    database.add_movie(6, None)
    database.query("UPDATE movies SET video_url = 'films/2/' WHERE id = 2")
    night = client.get("/api/v1/tonight").json()
    # Each counts as an hour and a half, of which a night has four.
    taken = [(title["part"], title["content_id"]) for title in night["titles"]]
    assert taken == [("first", "1"), ("first", "3"), ("rest", "1"), ("rest", "3")]
    assert [title["content_id"] for title in night["waiting"]] == ["4", "5"]
    refused = {title["content_id"]: title["reason"] for title in night["refused"]}
    assert set(refused) == {"2", "6"}
    assert "no video URL" in refused["6"]
    assert (night["title_count"], night["source_hours"], night["more_waiting"]) == (2, 3.0, False)


def test_tonight_tells_what_earlier_nights_refused_until_it_changes(
    without_airflow: Services, database: Database
) -> None:
    refused = [database.add_movie(number) for number in (1, 2)]
    sentence = "The source is empty."
    catalog = without_airflow.catalog
    catalog.refused_rows.refuse(
        [RowRefusal(row, "source_empty", sentence, 0) for row in catalog.backlog.rows(refused)]
    )
    database.query("UPDATE movies SET video_url = 'films/mended.mp4' WHERE id = 2")
    database.query("INSERT INTO movies (id, title, video_url) VALUES (-7, 'Odd', 'odd.mp4')")
    night = tonight(without_airflow, CALLER)
    assert [(title.content_id, title.reason) for title in night.refused] == [("1", sentence)]
    assert of(night, "first") == ["2"]
    assert (night.malformed_ids.count, night.malformed_ids.examples) == (1, ("movie '-7'",))


def test_a_night_holds_no_more_hours_than_the_settings_allow(
    without_airflow: Services, database: Database
) -> None:
    for number in (1, 2, 3):
        database.add_movie(number)
    night = tonight(without_airflow, CALLER)
    assert of(night, "first") == ["1", "2"]
    assert [title.content_id for title in night.waiting] == ["3"]


def test_the_second_pass_completes_those_of_earlier_nights_and_of_the_first_one_once_all_play(
    without_airflow: Services, database: Database
) -> None:
    first_released(without_airflow, database.add_movie(1, created_at="2026-02-01"))
    for number in (2, 3):
        database.add_movie(number)
    database.query("UPDATE movies SET created_at = '2026-03-01' WHERE id = 3")
    night = tonight(without_airflow, CALLER)
    assert (of(night, "first"), of(night, "rest")) == (["2", "3"], ["2", "1", "3"])
    first, rest = night.passes
    assert (first.title_count, rest.title_count, night.title_count) == (2, 3, 3)
    assert rest.begins_at == first.done_at == max(t.ends_at for t in night.titles if t.part == "first")
    assert night.done_at == rest.done_at
    assert night.storage_bytes == first.storage_bytes + rest.storage_bytes
    # The release of the first one is 60.4 s long, the others are not known.
    assert night.source_hours == pytest.approx(60.4 / 3600 + 3)


def test_each_pass_has_its_own_cap(without_airflow: Services, database: Database) -> None:
    for number in (1, 2):
        database.add_movie(number)
    night = tonight(services_anew(without_airflow, backlog_max_completions=1), CALLER)
    assert (of(night, "first"), of(night, "rest")) == (["1", "2"], ["1"])
    assert [(title.part, title.content_id) for title in night.waiting] == [("rest", "2")]


def test_without_first_releases_whole_titles_are_made_and_only_earlier_ones_completed(
    without_airflow: Services, database: Database
) -> None:
    first_released(without_airflow, database.add_movie(1))
    database.add_movie(2)
    night = tonight(services_anew(without_airflow, first_releases=False), CALLER)
    assert (of(night, "whole"), of(night, "rest")) == (["2"], ["1"])


def test_lengths_come_from_the_sizes_that_the_bucket_tells(
    without_airflow: Services, database: Database
) -> None:
    database.add_movie(7)
    without_airflow.bucket.put_bytes("movies/7.mp4", b"x" * 500_000, "video/mp4", "no-store")
    for title in tonight(without_airflow, CALLER).titles:
        assert title.length_from == "size"
        assert title.source_hours == pytest.approx(1 / 3600)


def test_the_figures_rest_on_what_conversions_took_before(
    without_airflow: Services, database: Database
) -> None:
    catalog = without_airflow.catalog
    database.add_movie(2)
    before = tonight(without_airflow, CALLER)
    assert before.measured == 0
    assert "assumed" in (before.assumption or "")

    publish(
        catalog,
        claimed(without_airflow, database.add_movie(1)),
        replace(RESULT, duration_seconds=100, processing_seconds=50, bytes=10**8, files_uploaded=100),
    )
    after = tonight(services_anew(without_airflow, first_releases=False), CALLER)
    assert (after.measured, after.assumption) == (1, None)
    (title,) = after.titles
    assert title.expected_seconds == pytest.approx(1.5 * 3600 / 2)
    assert title.fits
    assert after.storage_bytes == 5400 * 10**6
    assert after.storage_price == pytest.approx(5.4 * 0.015)
    assert after.writes == 5402


def test_what_was_never_measured_is_said_to_be_assumed(without_airflow: Services, database: Database) -> None:
    first_released(without_airflow, database.add_movie(1))
    database.add_movie(2)
    night = tonight(without_airflow, CALLER)
    assert [each.measured for each in night.passes] == [1, 0]
    assert (night.assumption or "").startswith("No completion of a first release has been measured yet")


def test_titles_that_will_not_be_done_by_the_deadline_are_named(
    without_airflow: Services, database: Database
) -> None:
    database.add_movie(1)
    night = tonight(without_airflow, CALLER)
    assert [(title.part, title.fits) for title in night.titles] == [("first", True), ("rest", False)]
    assert [each.late_count for each in night.passes] == [0, 1]
    assert (night.late_count, night.done_at > night.deadline) == (1, True)


def test_what_waits_is_looked_at_once_for_all_who_ask_within_half_a_minute(
    without_airflow: Services, database: Database
) -> None:
    database.add_movie(1)
    assert tonight(without_airflow, CALLER).title_count == 1
    database.query("DELETE FROM movies")
    assert tonight(without_airflow, CALLER).title_count == 1


def test_a_source_whose_host_is_silent_holds_nobody_up(
    without_airflow: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_PATIENCE_SECONDS", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # Whoever is never asked must not hold up the test either.
        silent.settimeout(30)
        origin = f"http://127.0.0.1:{silent.getsockname()[1]}"
        given = without_airflow.bucket
        bucket = Bucket(given._client, given.name, f"{origin}/media")
        services = replace(without_airflow, open_bucket=lambda: bucket)
        database.add_movie(1, f"{origin}/1.mp4")
        night = tonight(services, CALLER)
        connection, _ = silent.accept()
        connection.close()
    assert {title.length_from for title in night.titles} == {"nothing"}
