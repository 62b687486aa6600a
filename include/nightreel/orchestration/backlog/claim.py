"""Claim the night's titles and hand each to a run of its own."""

import logging
import re
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context

from nightreel.night import ScannedRow, within_one_night
from nightreel.orchestration.connections import open_catalog
from nightreel.settings import settings

if TYPE_CHECKING:
    from nightreel.catalog import Claim

log = logging.getLogger(__name__)

TOKENS_KEY = "tokens"
MAX_MAP_LENGTH = 1000
"""Titles per mapped task, below Airflow's default max_map_length of 1024."""


def batches(max_titles: int) -> range:
    """The numbers of the batches that the largest night needs, from 1."""
    return range(1, ceil(max_titles / MAX_MAP_LENGTH) + 1)


def batch_task_id(task_id: str, batch: int) -> str:
    """`claim`, `claim_2`, `claim_3` …"""
    return task_id if batch == 1 else f"{task_id}_{batch}"


def claim_backlog(rows: list[dict[str, Any]], batch: int) -> list[dict[str, Any]]:
    """Claims this batch of what fits into the night; returns what to trigger each run with.

    Titles that another run claimed since the scan are passed over. A retry gets the claims
    of the first try again.
    """
    options = settings()
    context = get_current_context()
    owner = str(context["run_id"])
    tonight = within_one_night(
        (ScannedRow.model_validate(row) for row in rows),
        options.backlog_max_titles,
        options.backlog_max_source_hours,
    )[(batch - 1) * MAX_MAP_LENGTH : batch * MAX_MAP_LENGTH]
    claims = open_catalog(options).claim(
        [row.title for row in tonight], owner, timedelta(seconds=options.reservation_seconds)
    )
    log.info("claimed %d of %d titles", len(claims), len(tonight))
    context["ti"].xcom_push(key=TOKENS_KEY, value=[claim.token for claim in claims])
    return [_trigger(claim, owner) for claim in claims]


def _trigger(claim: "Claim", owner: str) -> dict[str, Any]:
    # The id is the same at a retry, so that no title gets two runs from one night.
    night = re.sub(r"[^0-9A-Za-z]", "", owner.partition("__")[2])[:32]
    return {
        "trigger_run_id": f"backlog__{night}__{claim.title.content_type}_{claim.title.content_id}",
        "conf": {
            "content_type": claim.title.content_type,
            "content_id": claim.title.content_id,
            "claim": claim.token,
            "name": f"{claim.title} {claim.name}"[:80],
        },
    }
