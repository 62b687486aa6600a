"""What the views make of given states."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from nightreel.catalog import Catalog, TitleStatus
from nightreel.cli.following import current_step, first_at_work, follow
from nightreel.cli.json_lines import ProgressJson
from nightreel.cli.lines import ProgressLines
from nightreel.cli.live import render, run_view
from nightreel.cli.progress import RenditionProgress, RunProgress, TitleProgress
from nightreel.runs.airflow_api import AirflowUnavailable, TaskInstance, TaskState
from nightreel.vocabulary.title import Title
from tests.cli.conftest import add, publish, quarantine

ENCODING = TitleProgress(
    Title("movie", "1"),
    "run-1",
    name="The Film",
    step="transcode",
    renditions=(
        RenditionProgress("1080p", "running", percent=41.6, speed=1.84, eta_seconds=72),
        RenditionProgress("720p", "done"),
        RenditionProgress("360p", "retrying"),
        RenditionProgress("audio en", "waiting"),
    ),
    seconds=65,
)
WAITING = TitleProgress(Title("movie", "2"), "run-2")
RUN = RunProgress("nightly_backlog", "night-1", "running", "convert", 70, (ENCODING, WAITING))


@pytest.fixture
def ended(catalog: Catalog) -> tuple[TitleProgress, TitleProgress]:
    """A title that was published and one that was quarantined."""
    publish(catalog, add(catalog, Title("movie", "3"), "The third"))
    quarantine(catalog, add(catalog, Title("movie", "4"), "The fourth"), "The file ends early.")
    third, fourth = catalog.titles.status("movie")
    return finished(third), replace(finished(fourth), failed_step="plan")


def finished(status: TitleStatus) -> TitleProgress:
    return TitleProgress(
        Title(status.content_type, status.content_id),
        f"run-{status.content_id}",
        name=status.title,
        seconds=32,
        ended=True,
        verdict=status,
    )


def drawn(run: RunProgress, height: int = 40) -> list[str]:
    console = Console(width=120, record=True, file=StringIO())
    console.print(render(run, height))
    return [line.rstrip() for line in console.export_text().splitlines()]


def words(line: str) -> str:
    return " ".join(line.split())


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def lines(told: list[str]) -> Callable[[RunProgress], None]:
    return ProgressLines(told.append).show


def test_a_terminal_shows_the_run_each_title_and_each_rendition() -> None:
    head, title, first, second, third, fourth, waiting = drawn(RUN)
    assert words(head) == "nightly_backlog · convert · 0 of 2 runs 1:10"
    assert words(title) == "movie 1 The Film transcode 1:05"
    assert first.split()[0] == "1080p"
    assert first.endswith("42 %  1.8×  1:12 left")
    assert second.split()[0] == "720p"
    assert second.endswith("done")
    assert third.split() == ["360p", "retrying"]
    assert fourth.endswith("waiting")
    assert waiting == "1 title waits"


def test_the_titles_that_a_night_has_not_begun_yet_are_counted(
    lines: Callable[[RunProgress], None], told: list[str]
) -> None:
    run = replace(RUN, titles_to_begin=37)
    head, *_, waiting = drawn(run)
    assert words(head) == "nightly_backlog · convert · 0 of 39 runs 1:10"
    assert waiting == "38 titles wait"
    for left in (37, 37, 36):
        lines(replace(run, titles_to_begin=left))
    assert [each for each in told if "wait" in each][:2] == ["38 titles wait", "37 titles wait"]


def test_a_terminal_shows_how_titles_ended(ended: tuple[TitleProgress, ...]) -> None:
    _, third, fourth = drawn(replace(RUN, titles=ended))
    assert words(third) == "movie 3 The third published 360p 0:32"
    assert words(fourth) == "movie 4 The fourth quarantined The file ends early."


def test_a_first_release_is_told_apart(
    lines: Callable[[RunProgress], None], told: list[str], ended: tuple[TitleProgress, ...]
) -> None:
    assert ended[0].verdict is not None
    first = replace(ended[0], verdict=replace(ended[0].verdict, complete=False))
    run = replace(RUN, titles=(first,))
    assert words(drawn(run)[1]) == "movie 3 The third published, first release 360p 0:32"
    lines(run)
    assert told[-1] == "movie 3, The third: published, first release after 0:32"
    ProgressJson(told.append).show(run)
    assert json.loads(told[-1])["titles"][0]["complete"] is False


def test_a_night_of_many_titles_fits_the_terminal(ended: tuple[TitleProgress, ...]) -> None:
    many = tuple(replace(ended[0], run_id=f"run-{number}") for number in range(500))
    waiting = tuple(replace(WAITING, run_id=f"waiting-{number}") for number in range(900))
    shown = drawn(replace(RUN, titles=(*many, ENCODING, *waiting)), height=24)
    assert len(shown) <= 24
    assert shown[-2:] == ["486 more done before", "900 titles wait"]


def test_lines_tell_every_change_of_step_once(
    lines: Callable[[RunProgress], None], told: list[str], ended: tuple[TitleProgress, ...]
) -> None:
    fetching = replace(ENCODING, step="fetch", renditions=())
    lines(replace(RUN, state="queued", step="", titles=()))
    lines(replace(RUN, titles=(fetching, WAITING)))
    lines(replace(RUN, titles=(fetching, WAITING)))
    lines(RUN)
    lines(replace(RUN, titles=ended))
    assert told == [
        "nightly_backlog: queued",
        "nightly_backlog: convert",
        "movie 1, The Film: fetch",
        "movie 1, The Film: transcode",
        "movie 3, The third: published after 0:32",
        "movie 4, The fourth: quarantined after 0:32: The file ends early.",
    ]


def test_lines_tell_percentages_at_intervals(lines: Callable[[RunProgress], None], told: list[str]) -> None:
    for seconds in range(100, 134, 2):
        lines(replace(RUN, seconds=seconds))
    assert (
        told[2:]
        == ["movie 1, The Film: 1080p 42 % (1.8×, 72 s left), 720p done, 360p retrying, audio en waiting"] * 2
    )


def test_programs_get_a_line_of_json_whenever_something_changed(
    told: list[str], ended: tuple[TitleProgress, ...]
) -> None:
    show = ProgressJson(told.append).show
    for seconds in (70, 72):
        show(replace(RUN, seconds=seconds, titles_to_begin=37))
    show(replace(RUN, state="success", step="", titles=ended))
    first, last = map(json.loads, told)
    assert (first["dag_id"], first["state"], first["step"]) == ("nightly_backlog", "running", "convert")
    assert first["titles_waiting"] == 38
    assert [(each["content_id"], each["step"]) for each in first["titles"]] == [("1", "transcode"), ("2", "")]
    assert first["titles"][0]["renditions"][0]["percent"] == 41.6
    assert [(each["state"], each["reason"]) for each in last["titles"]] == [
        ("published", None),
        ("quarantined", "The file ends early."),
    ]
    assert (last["state"], last["titles_waiting"]) == ("success", 0)


def test_a_title_that_vanished_from_the_catalog_is_told(
    lines: Callable[[RunProgress], None], told: list[str]
) -> None:
    gone = replace(WAITING, ended=True, failed_step="publish")
    lines(replace(RUN, titles=(gone,)))
    assert told[-1] == "movie 2: gone from the catalog after 0:00 (in publish)"
    assert "gone from the catalog" in drawn(replace(RUN, titles=(gone,)))[-1]


def test_what_is_no_terminal_gets_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with run_view(Console(force_terminal=False, width=200)) as show:
        show(RUN)
    assert "movie 1, The Film: transcode\n" in capsys.readouterr().out


def task(
    task_id: str, state: TaskState | None, map_index: int = -1, start: str | None = None
) -> TaskInstance:
    return TaskInstance.model_validate(
        {
            "task_id": task_id,
            "map_index": map_index,
            "rendered_map_index": None,
            "state": state,
            "start_date": start,
            "end_date": None,
            "try_number": 1,
        }
    )


def test_a_run_is_at_its_first_step_that_is_not_done() -> None:
    tasks = [
        task("claim", "success"),
        task("transcode", "success", 0),
        task("transcode", "up_for_retry", 1),
        task("package", None),
    ]
    assert current_step(tasks) == "transcode"


def test_a_run_whose_tasks_have_not_begun_is_at_no_step() -> None:
    assert current_step([task("claim", None), task("transcode", None)]) == ""


def test_a_backlog_is_at_the_task_that_began_first() -> None:
    tasks = [
        task("scan", "success", start="2026-11-21T01:00:00Z"),
        task("report", "running", start="2026-11-21T01:00:09Z"),
        task("convert", "deferred", 0, start="2026-11-21T01:00:05Z"),
        task("claim", None),
    ]
    assert first_at_work(tasks) == "convert"


def test_an_absence_of_airflow_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightreel.cli.following._INTERVAL_SECONDS", 0)
    looks = iter([RUN, AirflowUnavailable("restarting"), replace(RUN, state="success")])
    seen: list[RunProgress] = []

    def look() -> RunProgress:
        found = next(looks)
        if isinstance(found, Exception):
            raise found
        return found

    assert follow(look, seen.append).state == "success"
    assert [each.state for each in seen] == ["running", "success"]
