"""Checks the scanned rows: those that cannot be converted are quarantined, and hold up no others."""

import logging
from functools import partial
from typing import Any

from airflow.sdk import get_current_context

from nightreel.checks.rows import check_rows
from nightreel.night.candidates import judged
from nightreel.night.rows import ScannedRow
from nightreel.orchestration.connections import open_catalog
from nightreel.settings import settings

log = logging.getLogger(__name__)

REFUSED_KEY = "refused_rows"


def check_scanned_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that can be converted. The others are quarantined, and listed in the report."""
    if not rows:
        return []

    options = settings()
    verdict = judged(
        open_catalog(options),
        [ScannedRow.model_validate(row) for row in rows],
        partial(check_rows, max_source_bytes=options.max_source_bytes),
    )
    told = [f"{refused.row.title}: {refused.sentence}" for refused in verdict.refused]
    for sentence in told:
        log.warning("%s", sentence)
    get_current_context()["ti"].xcom_push(key=REFUSED_KEY, value=told)
    return [row.scanned.model_dump() for row in verdict.accepted]
