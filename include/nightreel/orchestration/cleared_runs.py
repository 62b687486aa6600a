"""Lets a run be cleared whose deadline counts from its queueing. Airflow 3.3.2 fails with an error 500.

It takes the deadline's interval for a number of seconds, but stores it as JSON. A test shows when a later
Airflow no longer does so; then this module can go.
"""

from datetime import datetime, timedelta
from typing import Any

from airflow.models import taskinstance
from airflow.models.dagrun import DagRun
from airflow.models.deadline import Deadline, ReferenceModels
from airflow.models.deadline_alert import DeadlineAlert
from sqlalchemy import false, select
from sqlalchemy.orm import Session


def let_runs_be_cleared() -> None:
    """Corrects Airflow in this process."""
    taskinstance._recalculate_dagrun_queued_at_deadlines = _count_from


def _count_from(dagrun: DagRun, new_queued_at: datetime, session: Session) -> None:
    """Makes a run's deadlines that count from its queueing count from this moment."""
    of_the_run = (
        select(Deadline, DeadlineAlert)
        .join(DeadlineAlert, Deadline.deadline_alert_id == DeadlineAlert.id)
        .where(Deadline.dagrun_id == dagrun.id, Deadline.missed == false())
    )
    for deadline, alert in session.execute(of_the_run).all():
        kind = alert.reference.get(ReferenceModels.REFERENCE_TYPE_FIELD)
        if kind == ReferenceModels.DagRunQueuedAtDeadline.__name__:
            deadline.deadline_time = new_queued_at + timedelta(seconds=_seconds(alert.interval))


def _seconds(interval: Any) -> float:
    return float(interval["__data__"] if isinstance(interval, dict) else interval)
