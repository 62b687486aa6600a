"""GET /videos and one title: what the library says of them."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nightreel.catalog import Claim
from nightreel.vocabulary.title import Title
from nightreel.web.services import Services
from tests.catalog.conftest import LEASE, RESULT, Database, publish
from tests.web.conftest import ClientWith


@pytest.fixture(scope="module")
def reader(client_with: ClientWith) -> TestClient:
    return client_with("read")


def claim(services: Services, title: Title, run_id: str, *, force: bool = False) -> Claim:
    claimed = services.catalog.claims.one(title, run_id, LEASE, force=force)
    assert isinstance(claimed, Claim)
    services.catalog.leases.adopt(title, claimed.token, run_id, LEASE)
    return claimed


@pytest.fixture(scope="module", autouse=True)
def titles(database: Database, services: Services) -> dict[str, Claim]:
    """Movies: 1 published after a failure, 2 quarantined, 3 in work, 4 to 9 pending; one episode."""
    for number in range(1, 10):
        database.add_movie(number)
    services.catalog.titles.add(Title("episode", "1"), "Pilot & more", "episodes/1.mp4")
    catalog = services.catalog
    broken = claim(services, Title("movie", "1"), "run-0")
    catalog.leases.record_timings(broken, {"fetch": {"began": 5.0, "seconds": 1.5}})
    catalog.verdicts.fail(broken, "encoder", "It broke.")
    claims = {
        "published": claim(services, Title("movie", "1"), "run-1"),
        "quarantined": claim(services, Title("movie", "2"), "run-2"),
        "claimed": claim(services, Title("movie", "3"), "run-3"),
    }
    publish(catalog, claims["published"])
    catalog.verdicts.quarantine(claims["quarantined"], "no_video", "there is no picture in it")
    return claims


def ids(client: TestClient, query: str) -> list[str]:
    answer = client.get(f"/videos{query}")
    assert answer.status_code == 200, answer.text
    return [f"{record['content_type']} {record['content_id']}" for record in answer.json()]


def test_the_library_lists_what_runs_then_the_latest_changed_then_the_rest(reader: TestClient) -> None:
    assert ids(reader, "")[:5] == ["movie 3", "movie 2", "movie 1", "episode 1", "movie 4"]


def test_a_record_has_what_players_and_pages_need(reader: TestClient, titles: dict[str, Claim]) -> None:
    (record,) = reader.get("/videos?state=published").json()
    assert record["state"] == "published"
    assert (record["status"], record["complete"]) == ("completed", True)
    assert record["url"] == record["hls_url"] == RESULT.hls_url
    assert (record["dash_url"], record["thumbnail_url"]) == (RESULT.dash_url, RESULT.poster_url)
    assert (record["duration"], record["files"], record["bytes"]) == (60.4, 42, RESULT.bytes)
    assert record["variants"] == [
        {
            "quality": "360p",
            "resolution": "640x360",
            "bandwidth": 900_000,
            "codecs": "avc1.64001e,mp4a.40.2",
        }
    ]
    assert record["release"] == titles["published"].release
    assert record["page"] == "/titles/movie/1"
    assert record["job_id"] is None
    assert record["published_at"] is not None


def test_a_title_in_work_names_its_job(reader: TestClient) -> None:
    (record,) = reader.get("/videos?state=claimed").json()
    assert (record["content_id"], record["status"], record["job_id"]) == ("3", "processing", "run-3")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=quarantined", ["movie 2"]),
        ("?state=published&state=claimed", ["movie 3", "movie 1"]),
        ("?state=&content_type=episode&q=", ["episode 1"]),
        ("?q=pilot", ["episode 1"]),
        ("?q=%25", []),
        ("?q=%00", []),
        ("?q=Movie%203", ["movie 3"]),
    ],
)
def test_the_library_is_filtered(reader: TestClient, query: str, found: list[str]) -> None:
    assert ids(reader, query) == found


def test_pages_are_linked_and_counted(reader: TestClient) -> None:
    seen, url = [], "/videos?per_page=4&q=o"
    while url:
        answer = reader.get(url)
        assert answer.headers["X-Total-Count"] == "10"
        seen += [(record["content_type"], record["content_id"]) for record in answer.json()]
        assert parse_qs(answer.links["first"]["url"].lstrip("?"))["page"] == ["1"]
        assert answer.links["last"]["url"] == "?per_page=4&q=o&page=3"
        following = answer.links.get("next")
        url = f"/videos{following['url']}" if following else ""
    assert "prev" in answer.links
    assert len(seen) == len(set(seen)) == 10


def test_behind_the_last_page_there_is_nothing_and_a_way_back(reader: TestClient) -> None:
    answer = reader.get("/videos?per_page=4&page=1000000000")
    assert answer.json() == []
    assert answer.links["prev"]["url"] == "?per_page=4&page=3"
    assert "next" not in answer.links


@pytest.mark.parametrize(
    "query",
    [
        "?page=0",
        "?page=x",
        f"?page={10**30}",
        "?per_page=0",
        "?per_page=201",
        "?state=done",
        "?q=" + "x" * 201,
        "?content_type=trailer",
        "?content_type=%00",
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_a_problem(reader: TestClient, query: str) -> None:
    answer = reader.get(f"/videos{query}")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_title_has_its_history_newest_first(
    reader: TestClient, services: Services, titles: dict[str, Claim]
) -> None:
    release = titles["published"].release
    report = services.settings.reports / "movie" / "1" / release / "index.html"
    report.parent.mkdir(parents=True)
    report.write_text("<p>Data Docs</p>")
    record = reader.get("/videos/movie/1").json()
    latest, first = record["history"]
    assert (latest["job_id"], latest["outcome"], latest["release"]) == ("run-1", "published", release)
    assert latest["report"] == f"/reports/movie/1/{release}/index.html"
    assert latest["run_page"].endswith("/dags/convert_title/runs/run-1")
    assert (latest["duration_seconds"], latest["processing_seconds"]) == (60.4, 12.5)
    assert (first["outcome"], first["reason_code"], first["reason"]) == ("failed", "encoder", "It broke.")
    assert first["timings"] == {"fetch": {"began": 5.0, "seconds": 1.5}}
    assert first["report"] is None
    assert record["attempts"] == 2


def test_below_a_prefix_all_paths_have_it(app: FastAPI, reader: TestClient) -> None:
    outer = FastAPI()
    outer.mount("/nightreel", app)
    client = TestClient(outer, headers=reader.headers)
    assert client.get("/nightreel/videos?state=published").json()[0]["page"] == "/nightreel/titles/movie/1"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("movie/99", 404),
        ("movie/abc", 404),
        ("movie/99999999999999999999999999", 404),
        ("trailer/1", 404),
        ("movie/a%00b", 422),
        ("MOVIE/1", 422),
        ("movie/%2e%2e", 422),
        ("movie/" + "1" * 200, 422),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE", "POST convert", "POST requeue"])
def test_a_title_that_is_not_there_is_a_problem_for_every_route(
    client_with: ClientWith, path: str, status: int, method: str
) -> None:
    verb, _, action = method.partition(" ")
    client = client_with("read", "convert")
    answer = client.request(verb, f"/videos/{path}" + (f"/{action}" if action else ""))
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.fixture(autouse=True)
def _nothing_changes(services: Services) -> Iterator[None]:
    before = services.catalog.titles.status()
    yield
    assert services.catalog.titles.status() == before
