"""What people read."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.catalog import Event
from nightreel.notify.sentences import message

TITLE: dict[str, Any] = {
    "content_type": "movie",
    "content_id": "7",
    "title": "Metropolis",
    "job_id": "manual__7",
    "complete": True,
    "hls_url": "https://media.example/hls/movies/7/master.m3u8",
    "duration_seconds": 9188.4,
    "variants": [{"quality": "360p"}, {"quality": "1080p"}],
    "reason": "transcode: FFmpeg ended with exit code 1",
    "warnings": ["The sound is quiet."],
}
NIGHT: dict[str, Any] = {
    "counts": {"published": 3, "failed": 1},
    "first_releases": 0,
    "hours": 4.25,
    "failed": ["movie 7: FFmpeg ended with exit code 1"],
    "quarantined": ["movie 8: There is no picture in it."],
    "refused_rows": [],
}


def told(kind: Any, payload: dict[str, Any], web_url: str = "") -> tuple[str, str]:
    said = message(Event("id", kind, None, payload, datetime.now(UTC)), web_url)
    return said.heading, said.text


def test_a_published_title_is_named_with_its_length_its_renditions_and_where_it_plays() -> None:
    assert told("published", TITLE) == (
        "Published: Metropolis",
        "movie 7, 2:33:08, can be watched in 360p, 1080p.\n"
        "The sound is quiet.\n"
        "https://media.example/hls/movies/7/master.m3u8",
    )


def test_of_a_first_release_it_is_told_that_more_is_to_come() -> None:
    heading, text = told("published", {**TITLE, "complete": False, "variants": [{"quality": "720p"}]})
    assert heading == "First release: Metropolis"
    assert text.startswith("movie 7, 2:33:08, plays in 720p; its other renditions follow.\n")


def test_an_event_of_a_version_without_first_releases_is_told_as_before() -> None:
    earlier = {name: value for name, value in TITLE.items() if name != "complete"}
    assert told("published", earlier) == told("published", TITLE)
    night = {name: value for name, value in NIGHT.items() if name != "first_releases"}
    assert told("backlog_report", night) == told("backlog_report", NIGHT)


@pytest.mark.parametrize(("count", "said"), [(1, "One title has only"), (2, "2 titles have only")])
def test_a_night_tells_how_many_titles_have_only_a_first_release(count: int, said: str) -> None:
    text = told("backlog_report", {**NIGHT, "first_releases": count})[1]
    assert text.splitlines()[1].startswith(f"{said} ")


def test_a_link_leads_to_the_titles_page_where_there_is_one() -> None:
    for kind in ("published", "quarantined", "failed"):
        text = told(kind, TITLE, "https://reel.example")[1]
        assert text.endswith("\nhttps://reel.example/titles/movie/7")


def test_a_failure_says_why_and_whether_the_title_plays_all_the_same() -> None:
    heading, text = told("failed", TITLE)
    assert heading == "Failed: Metropolis"
    assert text == (
        "movie 7: transcode: FFmpeg ended with exit code 1\nWhat was published before keeps playing."
    )
    assert "keeps playing" not in told("failed", {**TITLE, "hls_url": None})[1]


def test_a_title_whose_name_is_not_known_is_named_by_its_id() -> None:
    assert told("failed", {**TITLE, "title": None})[0] == "Failed: movie 7"


def test_a_missed_deadline_names_the_run_and_its_titles() -> None:
    payload = {"job_id": "manual__7", "titles": [{"content_type": "movie", "content_id": "7"}]}
    assert (
        told("deadline_missed", payload)[1] == "The run manual__7 was not done in time. Its titles: movie 7."
    )
    assert told("deadline_missed", {**payload, "titles": []})[1].endswith("Its titles: none.")


def test_a_night_is_counted_and_its_failures_are_listed() -> None:
    assert told("backlog_report", NIGHT) == (
        "The night: 1 failed, 3 published",
        "4.2 hours of video were published.\n"
        "Failed: movie 7: FFmpeg ended with exit code 1\n"
        "Quarantined: movie 8: There is no picture in it.",
    )


@pytest.mark.parametrize(
    ("change", "then"),
    [
        ({}, "They keep playing until somebody deletes them."),
        ({"deleted_after_seconds": 604800}, "They are deleted after 7.0 days, unless their rows come back."),
        ({"kept_because": "the table of movie has no rows at all"}, "Nothing is deleted: the table of movie"),
    ],
)
def test_of_titles_without_a_row_it_is_told_what_becomes(change: dict[str, Any], then: str) -> None:
    payload = {
        "job_id": "scheduled__7",
        "count": 2,
        "titles": [{"content_type": "movie", "content_id": each} for each in ("7", "8")],
        "deleted_after_seconds": None,
        "kept_because": None,
    }
    heading, text = told("titles_orphaned", payload | change)[:2]
    assert heading == "Without a row: 2 published titles"
    assert text.startswith(f"Their rows are gone from the table: movie 7, movie 8.\n{then}")


def test_a_long_list_is_cut() -> None:
    text = told("backlog_report", {**NIGHT, "failed": [f"movie {number}" for number in range(1000)]})[1]
    assert "movie 19 and 980 more" in text
    assert "movie 20" not in text


@pytest.mark.parametrize(
    ("kind", "payload", "mood"),
    [
        ("published", TITLE, "success"),
        ("quarantined", TITLE, "warning"),
        ("failed", TITLE, "failure"),
        ("backlog_report", NIGHT, "failure"),
        ("backlog_report", {**NIGHT, "failed": []}, "info"),
    ],
)
def test_a_glance_tells_good_from_bad(kind: Any, payload: dict[str, Any], mood: str) -> None:
    assert message(Event("id", kind, None, payload, datetime.now(UTC))).mood == mood


@given(st.text(), st.text())
def test_a_heading_is_one_line_whatever_a_title_is_called(name: str, reason: str) -> None:
    # The subject of a mail: a line break would begin a header of the mail.
    heading, text = told("failed", {**TITLE, "title": name, "reason": reason})
    assert len(heading.splitlines()) == 1
    assert len(heading) < 250
    assert len(text.splitlines()) == 2


def test_the_words_of_others_call_nobody_in_a_chat() -> None:
    heading, text = told("quarantined", {**TITLE, "title": "@everyone", "reason": "begins with <@123>"})
    assert "@everyone" not in heading
    assert "@123" not in text


def test_what_a_night_says_of_its_titles_is_a_line_for_each_kind() -> None:
    night = {**NIGHT, "failed": ["movie 7: a\nFailed: forged"], "refused_rows": ["movie 9: b\r\n@here"]}
    text = told("backlog_report", night)[1]
    assert len(text.splitlines()) == 4
    assert "@here" not in text
