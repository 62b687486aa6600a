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


class BacklogFailed(Permanent):
    """At least one title failed tonight, or the night never got to its claims."""


def report_night() -> dict[str, Any]:
    """Counts, hours of video, and why titles failed or were quarantined.

    Raises BacklogFailed, which names the titles that failed.
    """
    ti = get_current_context()["ti"]
    claims = [batch_task_id("claim", batch) for batch in batches(settings().backlog_max_titles)]
    tokens_by_claim = [ti.xcom_pull(task_ids=task_id, key=TOKENS_KEY) for task_id in claims]
    if None in tokens_by_claim:
        raise BacklogFailed("the night ended before all titles were claimed; see the tasks before this one")
    outcomes = _concluded(open_catalog(settings()), [token for tokens in tokens_by_claim for token in tokens])
    refused_rows = ti.xcom_pull(task_ids="check", key=REFUSED_KEY) or []
    counts = Counter(item.outcome or "unfinished" for item in outcomes)
    hours = sum(item.duration_seconds or 0.0 for item in outcomes) / 3600
    log.info(
        "%d titles: %s; %.2f hours of video; %d rows could not be converted",
        len(outcomes),
        ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "none",
        hours,
        len(refused_rows),
    )
    for item in outcomes:
        if item.outcome != "published":
            log.warning("%s: %s: %s", item.title, item.outcome or "unfinished", item.reason)
    failed = [item for item in outcomes if item.outcome not in ("published", "quarantined")]
    if failed:
        raise BacklogFailed(
            f"{len(failed)} of {len(outcomes)} titles failed: "
            + "; ".join(f"{item.title}: {item.reason or item.outcome or 'unfinished'}" for item in failed)
        )
    return {
        "counts": dict(counts),
        "hours": round(hours, 3),
        "quarantined": [f"{item.title}: {item.reason}" for item in outcomes if item.outcome == "quarantined"],
        "refused_rows": refused_rows,
    }


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
