"""Reports runs that miss their deadlines."""

import logging
from typing import Any

from nightreel.errors import ConfigurationError
from nightreel.orchestration.connections import open_catalog
from nightreel.orchestration.notification import notify_of_miss
from nightreel.settings import settings
from nightreel.vocabulary.title import Title

log = logging.getLogger(__name__)


def record_miss(context: dict[str, Any]) -> None:
    """Records the missed deadline on the titles that the run owns, and reports it.

    `context` is Airflow's: `dag_run`, as in its public API, and `deadline`.
    """
    run_id = context["dag_run"]["dag_run_id"]
    waiting = _title_of(context["dag_run"].get("conf"))
    titles = open_catalog(settings()).attempts.mark_deadline_missed(run_id, waiting)
    log.warning(
        "run %s missed its deadline; titles in progress or waiting: %s",
        run_id,
        ", ".join(str(title) for title in titles) or "none",
    )
    notify_of_miss(run_id)


def _title_of(conf: dict[str, Any] | None) -> Title | None:
    """The title that a run was triggered for; None for a night, or if its conf names none."""
    try:
        return Title(str(conf["content_type"]), str(conf["content_id"])) if conf else None
    except (KeyError, ConfigurationError):
        return None
