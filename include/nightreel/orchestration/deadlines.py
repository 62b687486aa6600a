"""SLAs: Deadline Alerts on the runs of both DAGs."""

from datetime import timedelta

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from nightreel.orchestration.tasks import record_miss
from nightreel.settings import Settings


def title_deadline(options: Settings) -> DeadlineAlert:
    """Counts from the queueing of the run: a triggered run may have no logical date."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(seconds=options.title_deadline_seconds),
        callback=AsyncCallback(record_miss),
    )


def backlog_deadlines(options: Settings) -> list[DeadlineAlert]:
    """Counts from the logical date: "done by six", however late the run began.

    A night started by hand may have none, and then counts from its queueing. If both are
    missed, the first one reports it.
    """
    return [
        DeadlineAlert(
            reference=reference,
            interval=timedelta(seconds=options.backlog_deadline_seconds),
            callback=AsyncCallback(record_miss),
        )
        for reference in (DeadlineReference.DAGRUN_LOGICAL_DATE, DeadlineReference.DAGRUN_QUEUED_AT)
    ]
