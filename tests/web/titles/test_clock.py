"""When the next night comes, reckoned without Airflow."""

from datetime import UTC, datetime

import pendulum
import pytest
from airflow.timetables.trigger import CronTriggerTimetable
from hypothesis import given
from hypothesis import strategies as st

from nightreel.web.titles.clock import next_by_the_clock

CRONS = ("0 1 * * *", "30 2 * * *", "17 * * * *", "*/20 1-3 * * *", "0 0 * * 0", "@daily")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")


@given(
    st.sampled_from(CRONS), st.sampled_from(ZONES), st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31))
)
def test_the_next_night_is_the_one_that_airflow_would_begin(cron: str, zone: str, now: datetime) -> None:
    theirs = CronTriggerTimetable(cron, timezone=zone)._get_next(pendulum.instance(now, "UTC"))
    assert next_by_the_clock(cron, zone, now.replace(tzinfo=UTC)) == theirs


@pytest.mark.parametrize(
    ("now", "coming"),
    [
        # The clocks skip half past two, and later have it twice.
        ("2026-03-28T12:00", "2026-03-29T01:30"),
        ("2026-03-29T12:00", "2026-03-30T00:30"),
        ("2026-10-24T12:00", "2026-10-25T01:30"),
        ("2026-10-25T12:00", "2026-10-26T01:30"),
    ],
)
def test_a_night_comes_once_when_the_clocks_change(now: str, coming: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(coming).replace(tzinfo=UTC)
    assert next_by_the_clock("30 2 * * *", "Europe/Berlin", at) == expected


def test_what_is_no_cron_comes_at_no_known_time() -> None:
    assert next_by_the_clock("@once", "UTC", datetime.now(UTC)) is None
