"""When a cron expression fires next, computed as Airflow does, in case Airflow does not answer."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from croniter import croniter


def next_by_the_clock(schedule: str, time_zone: str, now: datetime) -> datetime | None:
    """The time in UTC; None for Airflow's schedules that are not cron expressions, such as `@once`.

    A time that the clocks skip fires right after the change; one that they repeat fires the second time.
    """
    if not croniter.is_valid(schedule):
        return None
    zone = ZoneInfo(time_zone)
    local = now.astimezone(zone).replace(tzinfo=None)
    cron = croniter(schedule, local)
    coming: datetime = cron.get_next(datetime)
    if cron.expanded[1] == ["*"]:
        return (now + (coming - local)).astimezone(UTC)
    moment = coming.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != coming:
        return coming.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return moment
