"""What a night should take and cost."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.night.forecast import (
    ASSUMED,
    ExpectedTitle,
    Forecast,
    PastConversion,
    Rates,
    Terms,
    forecast,
    rates_of,
)
from nightreel.night.rows import ScannedRow
from nightreel.vocabulary.states import Part

BEGIN = datetime(2026, 11, 21, 1, tzinfo=UTC)
RATES = Rates(work=2.0, bytes=1e6, files=1.0)


def row(number: int, hours: float) -> ScannedRow:
    return ScannedRow(
        content_type="movie",
        content_id=str(number),
        source_duration=hours * 3600,
    )


def rows(hours: list[float]) -> list[ScannedRow]:
    return [row(number, each) for number, each in enumerate(hours)]


def terms(lanes: int = 2, night_hours: float = 5.0) -> Terms:
    return Terms(
        begins_at=BEGIN,
        deadline=BEGIN + timedelta(hours=night_hours),
        lanes=lanes,
        storage_price=0.015,
        operations_price=4.5,
    )


def hour(moment: datetime) -> float:
    return (moment - BEGIN) / timedelta(hours=1)


HOURS = st.lists(st.floats(0.01, 50), max_size=25)
LANES = st.integers(1, 8)


@given(HOURS, LANES)
def test_a_lane_converts_one_title_after_another(hours: list[float], lanes: int) -> None:
    night = forecast(rows(hours), RATES, terms(lanes))
    for lane in range(lanes):
        in_lane = [title for title in night.titles if title.lane == lane]
        assert all(earlier.ends_at == later.begins_at for earlier, later in pairwise(in_lane))
        assert not in_lane or in_lane[0].begins_at == BEGIN
    assert all(title.lane < lanes for title in night.titles)


@given(HOURS, LANES)
def test_titles_begin_in_the_order_of_the_night(hours: list[float], lanes: int) -> None:
    night = forecast(rows(hours), RATES, terms(lanes))
    assert [title.row for title in night.titles] == rows(hours)
    begins = [title.begins_at for title in night.titles]
    assert begins == sorted(begins)


@given(HOURS, LANES)
def test_no_lane_is_idle_while_a_title_waits(hours: list[float], lanes: int) -> None:
    night = forecast(rows(hours), RATES, terms(lanes))
    for waiting in night.titles:
        at_work = [t for t in night.titles if t.begins_at < waiting.begins_at <= t.ends_at]
        assert waiting.begins_at == BEGIN or len({title.lane for title in at_work}) == lanes


@given(HOURS, LANES)
def test_the_totals_are_the_sums_of_the_titles(hours: list[float], lanes: int) -> None:
    night = forecast(rows(hours), RATES, terms(lanes))
    assert night.source_hours == pytest.approx(sum(hours))
    assert night.work_seconds == pytest.approx(sum(hours) * 3600 * RATES.work)
    assert night.done_at == max((title.ends_at for title in night.titles), default=BEGIN)
    assert night.storage_bytes == pytest.approx(sum(hours) * 3600 * RATES.bytes, abs=1)
    assert night.writes == pytest.approx(sum(hours) * 3600 * RATES.files + 2 * len(hours), abs=1)


@given(st.lists(st.tuples(st.floats(0.01, 50), st.floats(0, 50)), max_size=25), LANES)
def test_longer_titles_never_make_a_night_shorter_or_cheaper(
    hours: list[tuple[float, float]], lanes: int
) -> None:
    short = forecast(rows([each for each, _ in hours]), RATES, terms(lanes))
    long = forecast(rows([each + more for each, more in hours]), RATES, terms(lanes))

    def figures(night: Forecast) -> list[object]:
        ends = [title.ends_at for title in night.titles]
        prices = [night.storage_price, night.writes_price]
        return [*ends, night.done_at, night.work_seconds, night.storage_bytes, night.writes, *prices]

    assert all(less <= more for less, more in zip(figures(short), figures(long), strict=True))  # type: ignore[operator]


def test_a_title_that_ends_after_the_deadline_is_named() -> None:
    night = forecast(rows([1, 2, 1, 1]), RATES, terms(lanes=2, night_hours=5))
    # Lane 0: 0 to 2, 2 to 4, 4 to 6. Lane 1: 0 to 4. Two hours of work for each hour.
    assert [(t.lane, hour(t.begins_at), hour(t.ends_at)) for t in night.titles] == [
        (0, 0, 2),
        (1, 0, 4),
        (0, 2, 4),
        (0, 4, 6),
    ]
    assert [title.row.content_id for title in night.late] == ["3"]
    assert hour(night.done_at) == 6


def test_a_title_that_ends_at_the_deadline_is_in_time() -> None:
    (title,) = forecast(rows([1]), RATES, terms(night_hours=2)).titles
    assert title.fits


def test_storage_is_paid_by_the_gigabyte_and_month_and_writes_by_the_million() -> None:
    night = forecast(rows([10, 10]), Rates(work=1, bytes=1e6, files=0.5), terms())
    assert night.storage_bytes == 72e9
    assert night.storage_price == pytest.approx(72 * 0.015)
    assert night.writes == 36_004
    assert night.writes_price == pytest.approx(36_004 / 1e6 * 4.5)


def past(ratio: float, part: Part = "first") -> PastConversion:
    return PastConversion(
        part=part,
        source_seconds=100,
        processing_seconds=100 * ratio,
        bytes=round(1e8 * ratio),
        files=round(100 * ratio),
    )


@given(st.lists(st.floats(0.9, 1.1), min_size=3, max_size=20), st.floats(0.001, 1e5))
def test_one_conversion_that_went_wrong_moves_no_rate_out_of_the_others(
    ratios: list[float], outlier: float
) -> None:
    rates = rates_of([*(past(ratio) for ratio in ratios), past(outlier)], "first")
    assert 0.9 <= rates.work <= 1.1
    assert 0.89e6 <= rates.bytes <= 1.11e6
    assert 0.89 <= rates.files <= 1.11


@pytest.mark.parametrize("part", ASSUMED)
def test_without_any_history_rates_are_assumed(part: Part) -> None:
    assert rates_of([], part) == ASSUMED[part]


def test_each_part_has_rates_of_its_own() -> None:
    history = [past(1.0, "first"), past(3.0, "rest"), past(9.0, "whole")]
    assert [rates_of(history, part).work for part in ("first", "rest", "whole")] == [1.0, 3.0, 9.0]


def test_a_part_that_was_never_measured_takes_its_usual_share_of_whole_conversions() -> None:
    history = [past(2 * ASSUMED["whole"].work, "whole")]
    assert rates_of(history, "first").work == pytest.approx(2 * ASSUMED["first"].work)
    assert rates_of(history, "rest").work == pytest.approx(2 * ASSUMED["rest"].work)


def test_a_first_release_and_the_rest_are_assumed_to_be_the_whole() -> None:
    first, rest, whole = (ASSUMED[part] for part in ("first", "rest", "whole"))
    assert (first.work + rest.work, first.bytes + rest.bytes, first.files + rest.files) == pytest.approx(
        (whole.work, whole.bytes, whole.files)
    )


def test_a_night_without_titles_takes_no_time_and_costs_nothing() -> None:
    night = forecast([], RATES, terms())
    assert (night.titles, night.done_at, night.writes, night.storage_price) == ((), BEGIN, 0, 0)


def test_a_night_longer_than_the_calendar_ends_with_it() -> None:
    titles: list[ExpectedTitle] = list(
        forecast(rows([9000, 1]), Rates(work=1e9, bytes=1, files=1), terms(lanes=1)).titles
    )
    assert [title.fits for title in titles] == [False, False]
    assert titles[0].ends_at == titles[1].ends_at == datetime.max.replace(tzinfo=UTC)
