"""What the night came to. Fails when a title failed; quarantines are only reported."""

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context

from nightreel.errors import Permanent
from nightreel.orchestration.backlog.check import REFUSED_KEY
from nightreel.orchestration.backlog.claim import TOKENS_KEY, batch_task_id, batches
from nightreel.orchestration.connections import open_catalog
from nightreel.settings import settings

if TYPE_CHECKING:
    from nightreel.catalog import AttemptOutcome, Catalog

log = logging.getLogger(__name__)

_POLL_SECONDS = 15.0
_UNFINISHED = "unfinished"
_NEVER_CLAIMED = "the night ended before all titles were claimed; see the tasks before this one"


class BacklogFailed(Permanent):
    """At least one title failed tonight, or the night never got to its claims."""


def report_night() -> dict[str, Any]:
    """Counts, hours of video, and why titles failed or were quarantined; an event says the same.

    Raises BacklogFailed, which names the titles that failed.
    """
    ti = get_current_context()["ti"]
    claims = [batch_task_id("claim", batch) for batch in batches(settings().backlog_max_titles)]
    tokens_by_claim = [ti.xcom_pull(task_ids=task_id, key=TOKENS_KEY) for task_id in claims]
    catalog, run_id = open_catalog(settings()), str(get_current_context()["run_id"])
    refused_rows = _refused_rows(catalog, ti.xcom_pull(task_ids="check", key=REFUSED_KEY) or [])
    if None in tokens_by_claim:
        catalog.record_backlog_report(run_id, {**_summary([], refused_rows), "failed": [_NEVER_CLAIMED]})
        raise BacklogFailed(_NEVER_CLAIMED)
    outcomes = _concluded(catalog, [token for tokens in tokens_by_claim for token in tokens])
    summary = _summary(outcomes, refused_rows)
    _log(outcomes, summary)
    catalog.record_backlog_report(run_id, summary)
    if failed := summary["failed"]:
        raise BacklogFailed(f"{len(failed)} of {len(outcomes)} titles failed: {'; '.join(failed)}")
    return summary


def _refused_rows(catalog: "Catalog", checked: list[str]) -> list[str]:
    """What the check refused tonight, and in one sentence the rows that no title can be made of."""
    malformed = catalog.refused_rows.malformed_ids().sentence
    return [*checked, malformed] if malformed else checked


def _summary(outcomes: "list[AttemptOutcome]", refused_rows: list[str]) -> dict[str, Any]:
    ended: dict[str, list[str]] = {"failed": [], "quarantined": []}
    for item in outcomes:
        if item.outcome != "published":
            kind = "quarantined" if item.outcome == "quarantined" else "failed"
            ended[kind].append(f"{item.title}: {item.reason or item.outcome or _UNFINISHED}")
    return {
        "counts": dict(Counter(item.outcome or _UNFINISHED for item in outcomes)),
        "hours": round(sum(item.duration_seconds or 0.0 for item in outcomes) / 3600, 3),
        **ended,
        "refused_rows": refused_rows,
    }


def _log(outcomes: "list[AttemptOutcome]", summary: dict[str, Any]) -> None:
    log.info(
        "%d titles: %s; %.2f hours of video; %d rows could not be converted",
        len(outcomes),
        ", ".join(f"{count} {outcome}" for outcome, count in sorted(summary["counts"].items())) or "none",
        summary["hours"],
        len(summary["refused_rows"]),
    )
    for item in outcomes:
        if item.outcome != "published":
            log.warning("%s: %s: %s", item.title, item.outcome or _UNFINISHED, item.reason)


def _concluded(catalog: "Catalog", tokens: list[str]) -> "list[AttemptOutcome]":
    """The outcomes, once no claim of tonight is in force any more.

    A trigger that was killed after its run began does not wait for it; the catalog knows.
    """
    while True:
        outcomes = catalog.outcomes(tokens)
        in_force = {claim.token for claim in catalog.held_claims()}
        waiting = [item for item in outcomes if item.outcome is None and item.token in in_force]
        if not waiting:
            return outcomes
        log.info("waiting for %d titles", len(waiting))
        time.sleep(_POLL_SECONDS)
