"""When the DAGs run, and their SLAs: Deadline Alerts on the runs of titles and nights."""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from croniter import croniter

from nightreel.orchestration.tasks import record_miss
from nightreel.settings import Settings


def by_the_clock(schedule: str, options: Settings) -> CronTriggerTimetable | str:
    """The schedule in the settings' time zone; one that is not a cron expression (`@once`) as it is.

    A plain string would be read in Airflow's own default time zone.
    """
    if not croniter.is_valid(schedule):
        return schedule
    return CronTriggerTimetable(schedule, timezone=options.time_zone)


def title_deadline(options: Settings) -> DeadlineAlert:
    """Counts from the run's queueing, because a triggered run may have no logical date."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(seconds=options.title_deadline_seconds),
        callback=AsyncCallback(record_miss),
    )


def backlog_deadlines(options: Settings) -> list[DeadlineAlert]:
    """Counts from the logical date: "done by six", however late the run started.

    A night started by hand may have none, and then counts from its queueing. If both are missed, the
    first one reports it.
    """
    return [
        DeadlineAlert(
            reference=reference,
            interval=timedelta(seconds=options.backlog_deadline_seconds),
            callback=AsyncCallback(record_miss),
        )
        for reference in (DeadlineReference.DAGRUN_LOGICAL_DATE, DeadlineReference.DAGRUN_QUEUED_AT)
    ]
