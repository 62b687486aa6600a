"""A whole night over what people write to do harm: it comes out as text everywhere, and runs nowhere.

Nothing is pretended: a stack of its own, its scheduler, and the runs that the night begins. With
NIGHTREEL_SCREENSHOTS=<folder> the pages' pictures are taken.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import m3u8
import pytest
from lxml import etree, html
from playwright.sync_api import Browser, ViewportSize

from nightreel.cli.deployment import embedded
from nightreel.local.stack import Stack
from tests.notify.listener import SECRET as WEBHOOK_SECRET
from tests.notify.listener import listening
from tests.orchestration.test_secrets import TABLES
from tests.players.conftest import browser
from tests.stack import hostile
from tests.stack.demo_stack import COMMAND, eventually, home_of_its_own
from tests.stack.hostile_night import Night, enter
from tests.stack.pictures import keep_picture

__all__ = ["browser"]

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

EVIL = "evil.invalid"
PAGES = ("/", "/tonight", *(f"/titles/movie/{content_id}" for content_id in (1, 2, 3, 4)))
WINDOWS = (ViewportSize(width=1400, height=900), ViewportSize(width=390, height=844))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with ExitStack() as stack:
        # A short path: what is cut out of a programme does not run, and shows nothing.
        short = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="n", dir="/tmp")))
        titles = hostile.titles(tmp_path_factory.mktemp("hostile"), short / "t")
        webhook, person = (stack.enter_context(listening()) for _ in range(2))
        home, environment = stack.enter_context(
            home_of_its_own(
                NIGHTREEL_WEBHOOK_URLS=webhook.url,
                NIGHTREEL_WEBHOOK_SECRET=WEBHOOK_SECRET,
                NIGHTREEL_APPRISE_URLS=person.apprise_url,
                NIGHTREEL_MEASURE_QUALITY="false",
                NIGHTREEL_FIRST_RELEASES="false",
                NIGHTREEL_BACKLOG_POLL_SECONDS="1",
                NIGHTREEL_RETRIES="0",
                NIGHTREEL_VALIDATION_REPORTS="all",
            )
        )

        def nightreel(*arguments: str) -> str:
            done = subprocess.run(
                [str(COMMAND), *arguments], env=environment, capture_output=True, text=True, timeout=600
            )
            return done.stdout + done.stderr

        nightreel("up")
        addresses = Stack(home).status().addresses
        assert addresses is not None
        enter(embedded(Stack(home)), addresses, titles)
        printed = nightreel("backlog", "--wait")
        yield Night(home, addresses, titles, short / "t", printed, nightreel("status"), webhook, person)


def test_each_title_ends_as_its_file_deserves_under_the_name_that_it_was_given(night: Night) -> None:
    rows = night.rows(night.addresses.catalog_dsn, "SELECT id, title, video_url FROM movies ORDER BY id")
    assert rows == [(title.content_id, title.name, title.url) for title in night.titles]
    states = dict(
        night.rows(night.addresses.catalog_dsn, "SELECT content_id, state FROM nightreel.conversions")
    )
    assert states["1"] == "published", night.printed
    assert "published" not in (states.get("2"), states.get("3"), states.get("4"))


def test_nothing_was_run_and_no_secret_came_out(night: Night) -> None:
    assert not night.touched.exists()
    places = {
        "printed": night.printed + night.status,
        "webhooks": "".join(request.body.decode() for request in night.webhook.requests),
        **{
            table: "\n".join(map(str, night.rows(night.addresses.airflow_dsn, f"SELECT * FROM {table}")))
            for table in (*TABLES, "task_instance")
        },
        **{
            str(path.relative_to(night.home.root)): path.read_text(errors="replace")
            for folder in (night.home.logs, night.home.airflow / "logs", night.home.reports)
            for path in folder.rglob("*")
            if path.is_file()
        },
    }
    # Else nothing was searched.
    assert night.run_id in places["xcom"]
    told = [place for place, content in places.items() for secret in night.secrets if secret in content]
    assert told == []


def test_a_run_is_given_ids_and_no_words(night: Night) -> None:
    statement = "SELECT conf FROM dag_run WHERE dag_id = 'convert_title'"
    given = [conf for (conf,) in night.rows(night.addresses.airflow_dsn, statement)]
    assert len(given) >= 3
    for conf in given:
        assert set(conf) == {"content_type", "content_id", "claim"}
        assert all(re.fullmatch(r"[A-Za-z0-9_-]+", value) for value in conf.values())


def test_the_grid_names_tasks_in_one_line_of_text(night: Night) -> None:
    with Stack(night.home).client() as airflow:
        tasks = airflow.task_instances("convert_title", night.run_id)
        names = {task.rendered_map_index for task in tasks if task.task_id == "transcode"}
        assert names == {"240p, audio und, audio und 2, subs und"}
        (backlog,) = airflow.runs("nightly_backlog")
        others = [
            task.rendered_map_index for task in airflow.task_instances("nightly_backlog", backlog.dag_run_id)
        ]
        assert all(name is None or name.isprintable() for name in others)


def test_the_logs_of_tasks_are_lines_of_json_that_nobody_forged(night: Night) -> None:
    logs = list((night.home.airflow / "logs").rglob("attempt=*.log"))
    assert len(logs) > 10
    for path in logs:
        for line in path.read_text().splitlines():
            assert isinstance(json.loads(line), dict)


def test_the_logs_of_services_have_no_forged_line(night: Night) -> None:
    logs = [path for path in night.home.logs.rglob("*") if path.is_file()]
    assert logs
    for path in logs:
        for line in path.read_text(errors="replace").splitlines():
            assert not line.startswith(("2026-01-01 ERROR forged", "#EXTM3U")), path
            assert "\x1b]0;" not in line, path


@pytest.fixture(scope="module")
def streams(night: Night) -> tuple[str, str]:
    statement = "SELECT hls_url, dash_url FROM movies WHERE id = 1"
    ((hls_url, dash_url),) = night.rows(night.addresses.catalog_dsn, statement)
    return str(hls_url), str(dash_url)


NAMES = (
    "two EXTM3U EXT-X-MEDIA:TYPEAUDIOURI//evil.invalid/yNAMEz 2026-0…",
    "</title></script><script>alert(x)</script><img src//evil.invali…",
)
"""The tracks' own in a line of 64 characters, without what the playlist's syntax is made of."""


def test_the_playlists_hold_the_names_and_no_line_more(night: Night, streams: tuple[str, str]) -> None:
    text = night.published(streams[0])
    playlist = m3u8.loads(text, uri=streams[0])
    sounds = [media for media in playlist.media if media.type == "AUDIO"]
    assert [media.name for media in sounds] == list(NAMES)
    assert {media.language for media in playlist.media} == {"und"}
    assert text.count("#EXTM3U\n") == 1
    lines = [line for line in text.splitlines() if EVIL in line]
    assert all(re.fullmatch(r'#EXT-X-MEDIA:.*NAME="[^"]*".*', line) for line in lines)
    assert all(EVIL not in (media.uri or "") for media in playlist.media)
    assert all(EVIL not in night.published(media.absolute_uri) for media in playlist.media)


def test_the_mpd_holds_the_names_as_text(night: Night, streams: tuple[str, str]) -> None:
    root = etree.fromstring(night.published(streams[1]).encode())
    labels = [label.text for label in root.iter("{*}Label")]
    assert labels[: len(NAMES)] == list(NAMES)
    assert not any(EVIL in str(value) for element in root.iter() for value in element.attrib.values())


def test_subtitles_are_shown_as_they_were_written(night: Night, streams: tuple[str, str]) -> None:
    (track,) = [media for media in m3u8.load(streams[0]).media if media.type == "SUBTITLES"]
    text = night.published(m3u8.load(track.absolute_uri).segments[0].absolute_uri)
    # FFmpeg takes what is in braces and in angle brackets for styles, and leaves them out.
    assert "alert(1) --&gt; x\nNOTE\n" in text
    assert not any(sign in text for sign in ("<", "{{", "conn."))


@pytest.mark.parametrize("path", [*PAGES, "run", "run report"])
def test_the_pages_hold_the_words_as_text(night: Night, path: str) -> None:
    run = f"/runs/{quote(night.run_id, safe='')}"
    answer = night.page({"run": run, "run report": f"{run}/report"}.get(path, path))
    assert answer.status_code == 200
    root = html.document_fromstring(answer.text)
    assert {script.get("src", "").rpartition("/")[0] for script in root.iter("script")} <= {
        "/assets",
        "/assets/player",
    }
    attributes = [(name, value) for element in root.iter() for name, value in element.attrib.items()]
    assert [name for name, _ in attributes if name.startswith("on")] == []
    assert [value for name, value in attributes if name in ("src", "href") and value.startswith("//")] == []
    # A name of ten thousand characters is not said in full at every mention.
    assert len(answer.text) < 60_000


def test_reports_quote_the_words_as_text(night: Night) -> None:
    pages = list((night.home.reports / "movie" / "1").rglob("*.html"))
    assert pages
    for path in pages:
        root = html.document_fromstring(path.read_text())
        assert all("alert(" not in (script.text or "") for script in root.iter("script"))
        assert [element for element in root.iter("img") if EVIL in element.get("src", "")] == []


def test_receivers_are_told_the_names_as_they_are(night: Night) -> None:
    def told() -> dict[str, dict[str, Any]]:
        return {str(content["data"].get("content_id")): content for content in night.webhook.told}

    # A run tells of its title last. The night does not wait for that: it reports once the results are known.
    expected = {str(title.content_id): title.name for title in night.titles[:3]}
    eventually(lambda: expected.keys() <= told().keys(), 60, "what is told of each title")
    assert told()["1"]["type"] == "title.published"
    assert {content_id: told()[content_id]["data"]["title"] for content_id in expected} == expected


def test_people_are_told_in_headings_of_one_line(night: Night) -> None:
    assert night.person.messages
    for message in night.person.messages:
        assert message["title"].isprintable()
        assert len(message["title"]) < 250


def test_the_terminal_shows_a_line_for_a_title(night: Night) -> None:
    for text in (night.printed, night.status):
        assert all(character == "\n" or character.isprintable() for character in text)
    lines = night.status.splitlines()
    assert len(lines) == 1 + len(night.titles)
    assert any(line.startswith("movie 4") for line in lines)


@pytest.mark.browser
def test_a_browser_shows_every_page_and_runs_nothing(browser: Browser, night: Night) -> None:
    faults: list[str] = []
    for window in WINDOWS:
        with browser.new_context(viewport=window, color_scheme="light", locale="en-GB") as context:
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("dialog", lambda dialog: faults.append(dialog.message))
            page.on("request", lambda request: faults.append(request.url) if EVIL in request.url else None)
            page.goto(night.addresses.web_url)
            page.locator("input[type=password]").fill(night.addresses.web_key)
            page.keyboard.press("Enter")
            page.wait_for_url(f"{night.addresses.web_url}/")
            for path in PAGES:
                page.goto(f"{night.addresses.web_url}{path}")
                page.wait_for_load_state("networkidle")
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, (path, window)
                keep_picture(
                    page, f"hostile-{window['width']}-{path.strip('/').replace('/', '-') or 'library'}"
                )
    assert faults == []
