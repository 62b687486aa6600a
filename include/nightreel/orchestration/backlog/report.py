"""The result of the night. Fails if a title failed; quarantines are only reported."""

import logging
from collections import Counter
from typing import Any

from airflow.sdk import get_current_context

from nightreel.catalog import AttemptOutcome, Catalog
from nightreel.errors import Permanent
from nightreel.orchestration.backlog.check import REFUSED_KEY
from nightreel.orchestration.backlog.convert import PAUSED_KEY
from nightreel.orchestration.connections import open_catalog
from nightreel.runs.dags import CONVERT_DAG
from nightreel.runs.steps import NightStep
from nightreel.settings import settings

log = logging.getLogger(__name__)

_UNFINISHED = "unfinished"
_CUT_SHORT = "the night ended before all titles had started; see the tasks before this one"
_PAUSED = (
    f"{CONVERT_DAG} is paused, so the night's time was up before its titles were done: unpause it, and the "
    "next night takes the rest"
)
_FAILURES = ("failed", "expired")
_AS_WANTED = ("published", "unchanged")


class BacklogFailed(Permanent):
    """At least one title failed tonight, or the night never got to its titles."""


def report_night() -> dict[str, Any]:
    """Counts, hours of video, and why titles failed or were quarantined; an event says the same.

    A title counts once, as its latest run ended; one that is still in progress when the night's time is
    up counts as unfinished, and continues. `first_releases` has how many the night published and did not
    complete. Raises BacklogFailed, which names the titles that failed.
    """
    context = get_current_context()
    ti, run_id = context["ti"], str(context["run_id"])
    converted = ti.xcom_pull(task_ids=NightStep.CONVERT)
    catalog = open_catalog(settings())
    outcomes = catalog.attempts.outcomes_of_night(run_id)
    refused_rows = _refused_rows(catalog, ti.xcom_pull(task_ids=NightStep.CHECK, key=REFUSED_KEY) or [])
    summary = _summary(outcomes, catalog.attempts.published_by_night(run_id), refused_rows)
    summary["left"] = (converted or {}).get("left", 0)
    if converted is None:
        summary["failed"].append(_CUT_SHORT)
    elif ti.xcom_pull(task_ids=NightStep.CONVERT, key=PAUSED_KEY):
        summary["failed"].append(_PAUSED)
    _log(outcomes, summary)
    catalog.events.record_backlog_report(run_id, summary)
    if failed := summary["failed"]:
        raise BacklogFailed(f"{len(failed)} of {len(outcomes)} titles failed: {'; '.join(failed)}")
    return summary


def _refused_rows(catalog: Catalog, checked: list[str]) -> list[str]:
    """What the check refused tonight, and one sentence about rows whose ids no title can have."""
    malformed = catalog.refused_rows.malformed_ids().sentence
    return [*checked, malformed] if malformed else checked


def _summary(
    outcomes: list[AttemptOutcome], published: list[AttemptOutcome], refused_rows: list[str]
) -> dict[str, Any]:
    ended: dict[str, list[str]] = {"failed": [], "quarantined": []}
    for item in outcomes:
        kind = "failed" if item.outcome in _FAILURES else item.outcome
        if kind in ended:
            ended[kind].append(f"{item.title}: {item.reason or item.outcome}")
    return {
        "counts": dict(Counter(item.outcome or _UNFINISHED for item in outcomes)),
        "first_releases": sum(item.complete is False for item in published),
        "hours": round(sum(item.duration_seconds or 0.0 for item in published) / 3600, 3),
        **ended,
        "refused_rows": refused_rows,
    }


def _log(outcomes: list[AttemptOutcome], summary: dict[str, Any]) -> None:
    log.info(
        "%d titles: %s; %d have only a first release; %.2f hours of video; %d rows could not be converted; "
        "%d are left for the next night",
        len(outcomes),
        ", ".join(f"{count} {outcome}" for outcome, count in sorted(summary["counts"].items())) or "none",
        summary["first_releases"],
        summary["hours"],
        len(summary["refused_rows"]),
        summary["left"],
    )
    for item in outcomes:
        if item.outcome not in _AS_WANTED:
            log.warning("%s: %s: %s", item.title, item.outcome or _UNFINISHED, item.reason)
