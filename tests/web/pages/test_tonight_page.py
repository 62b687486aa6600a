"""The coming night as the server sends it, and the arithmetic of its timeline."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.night.forecast import ASSUMED, Terms, forecast
from nightreel.night.rows import SourceRow
from nightreel.web.pages.tonight_view import Timeline
from nightreel.web.titles.forecast_models import Night, PlannedTitle, Tonight, UnusableIds
from tests.web.conftest import ClientWith
from tests.web.pages.conftest import HOSTILE, Shelf
from tests.web.pages.html import Html

BEGINS = datetime(2026, 11, 22, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def night(client_with: ClientWith, shelf: Shelf) -> Html:
    """Of three titles, one without a source; Airflow does not answer."""
    for name, url in (("First", "sources/a.mp4"), ("Sourceless", None), (HOSTILE, "sources/b.mp4")):
        shelf.add(name, url=url)
    answer = client_with("read", "convert").get("/tonight")
    assert answer.status_code == 200, answer.text
    return Html.of(answer.text)


def test_the_titles_stand_in_the_order_in_which_they_are_taken(night: Html) -> None:
    titles = ["First", " ".join(HOSTILE.split())]
    first, rest = (f"//*[@aria-labelledby='order-{part}']" for part in ("first", "rest"))
    assert night.texts(f"{first}//tbody//td[2]/a") == titles
    assert night.texts(f"{rest}//tbody//td[2]/a") == titles


def test_each_pass_is_told_with_its_times_its_costs_and_its_caps(night: Html) -> None:
    names = night.texts("//*[@id='passes']/tbody/tr/th")
    assert [name.partition("s")[0] for name in names] == ["Fir", "Other rendition"]
    (titles, *_), (again, *_) = (night.texts(f"//*[@id='passes']/tbody/tr[{row}]/td") for row in (1, 2))
    assert (titles, again) == ("2of 1,000 at most", "2of 1,000 at most")
    (lede,) = night.texts("//*[@class='lede']")
    assert "What is new plays by " in lede


def test_rows_that_no_night_can_convert_stand_apart_with_the_reason(night: Html) -> None:
    (name,) = night.texts("//*[contains(@class, 'plain')]//*[@class='named']")
    assert name.startswith("Sourceless")
    assert night.texts("//*[contains(@class, 'plain')]//*[@class='reason']") == ["there is no video URL"]


def test_the_basis_of_the_estimate_is_said(night: Html) -> None:
    (basis,) = night.texts("//*[@class='basis']")
    assert basis.startswith("Nothing has been converted yet")


def test_while_airflow_is_silent_nobody_is_offered_to_pause(night: Html) -> None:
    assert night.root.xpath("//@data-backlog") == []
    assert "Airflow does not answer" in night.texts("//*[contains(@class, 'note')]")[0]


def test_names_are_shown_as_they_are(night: Html) -> None:
    assert night.inline() == []


@given(
    lengths=st.lists(st.floats(1, 200_000), max_size=30),
    lanes=st.integers(1, 12),
    deadline=st.integers(60, 200_000),
)
def test_every_bar_lies_within_the_timeline_and_beside_its_neighbours(
    lengths: list[float], lanes: int, deadline: int
) -> None:
    line = Timeline.of(night_of(lengths, lanes, deadline))
    for bar in line.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= 100.01
        assert 0 <= bar.y <= line.height - line.lane_height
    for lane in {bar.y for bar in line.bars}:
        row = [bar for bar in line.bars if bar.y == lane]
        assert all(after.x >= before.x + before.width - 0.01 for before, after in pairwise(row))
    assert 0 <= line.deadline_x <= 100
    assert 1 <= len(line.ticks) <= 11
    assert line.ticks[0].x == 0
    assert all(tick.x <= 95 for tick in line.ticks)


def night_of(lengths: list[float], lanes: int, deadline: int) -> Tonight:
    rows = [
        SourceRow(
            content_type="movie", content_id=str(number), name="", video_url="a", source_duration=seconds
        )
        for number, seconds in enumerate(lengths)
    ]
    terms = Terms(BEGINS, BEGINS + timedelta(seconds=deadline), lanes, 0.0, 0.0)
    planned = forecast(rows, ASSUMED["whole"], terms)
    return Tonight(
        night=Night(paused=False, paused_dags=(), next_run_at=BEGINS, schedule="0 1 * * *"),
        begins_at=BEGINS,
        deadline=terms.deadline,
        concurrency=lanes,
        passes=(),
        titles=tuple(
            PlannedTitle(
                content_type="movie",
                content_id=each.row.content_id,
                title="",
                part="whole",
                source_hours=each.row.hours,
                length_from="catalog",
                expected_seconds=each.seconds,
                lane=each.lane,
                begins_at=each.begins_at,
                ends_at=each.ends_at,
                fits=each.fits,
            )
            for each in planned.titles
        ),
        title_count=len(rows),
        late_count=len(planned.late),
        waiting=(),
        more_waiting=False,
        refused=(),
        malformed_ids=UnusableIds(count=0, examples=()),
        source_hours=planned.source_hours,
        work_seconds=planned.work_seconds,
        done_at=planned.done_at,
        storage_bytes=0,
        storage_price=0.0,
        writes=0,
        writes_price=0.0,
        measured=0,
        assumption=None,
        note="",
    )
