"""SLAs: Deadline Alerts on the runs of both DAGs, and what happens at a miss."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from nightreel.errors import ConfigurationError
from nightreel.orchestration.notification import notify_of_miss
from nightreel.settings import Settings, settings
from nightreel.vocabulary.title import Title

log = logging.getLogger(__name__)


def title_deadline(options: Settings) -> DeadlineAlert:
    """Counts from the queueing of the run: a triggered run may have no logical date."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(seconds=options.title_deadline_seconds),
        callback=AsyncCallback(record_miss),
    )


def backlog_deadlines(options: Settings) -> list[DeadlineAlert]:
    """Counts from the logical date: "done by six", however late the run began.

    A night begun by hand may have none, and then counts from its queueing. Where both are
    missed, the first tells it.
    """
    return [
        DeadlineAlert(
            reference=reference,
            interval=timedelta(seconds=options.backlog_deadline_seconds),
            callback=AsyncCallback(record_miss),
        )
        for reference in (DeadlineReference.DAGRUN_LOGICAL_DATE, DeadlineReference.DAGRUN_QUEUED_AT)
    ]


async def record_miss(context: dict[str, Any]) -> None:
    """Records the miss on the titles that the run owns, and tells of it. Runs in the triggerer.

    `context` is Airflow's: `dag_run` as its public API describes a run, and `deadline`.
    """
    run_id = context["dag_run"]["dag_run_id"]
    # The driver blocks, and the triggerer's loop must not.
    titles = await asyncio.to_thread(_mark, run_id, _title_of(context["dag_run"].get("conf")))
    log.warning(
        "run %s missed its deadline; titles still in work, or waiting for it: %s",
        run_id,
        ", ".join(str(title) for title in titles) or "none",
    )
    await asyncio.to_thread(notify_of_miss, run_id)


def _title_of(conf: dict[str, Any] | None) -> Title | None:
    """What a run of one title was triggered for; None for a night, or where that names none."""
    try:
        return Title(str(conf["content_type"]), str(conf["content_id"])) if conf else None
    except (KeyError, ConfigurationError):
        return None


def _mark(run_id: str, waiting: Title | None) -> list[Any]:
    from nightreel.orchestration.connections import open_catalog

    return list(open_catalog(settings()).mark_deadline_missed(run_id, waiting))
