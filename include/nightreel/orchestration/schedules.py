"""When the scheduled DAGs run."""

from airflow.sdk import CronTriggerTimetable
from croniter import croniter

from nightreel.settings import Settings


def by_the_clock(schedule: str, options: Settings) -> CronTriggerTimetable | str:
    """The schedule in the time zone of the settings; one that is not cron (`@once`) as it is.

    A plain string would be read in Airflow's own default time zone.
    """
    if not croniter.is_valid(schedule):
        return schedule
    return CronTriggerTimetable(schedule, timezone=options.time_zone)
