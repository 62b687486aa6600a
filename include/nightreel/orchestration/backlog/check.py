"""Check the scanned rows: what cannot be converted is reported, and holds nobody up."""

import logging
from typing import Any

from airflow.sdk import get_current_context

from nightreel.night import ScannedRow, SourceRow
from nightreel.orchestration.connections import open_catalog
from nightreel.settings import settings

log = logging.getLogger(__name__)

REFUSED_KEY = "refused_rows"


def check_scanned_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that can be converted. The others go to the report, each with a sentence."""
    if not rows:
        return []
    from nightreel.checks.rows import check_rows

    verdict = check_rows(_with_sources([ScannedRow.model_validate(row) for row in rows]))
    refused = [
        f"{refused.row.content_type} {refused.row.content_id}: {refused.sentence}"
        for refused in verdict.refused
    ]
    for sentence in refused:
        log.warning("%s", sentence)
    get_current_context()["ti"].xcom_push(key=REFUSED_KEY, value=refused)
    return [row.scanned.model_dump() for row in verdict.accepted]


def _with_sources(scanned: list[ScannedRow]) -> list[SourceRow]:
    """The rows with their names and URLs; one that was deleted since the scan is passed over."""
    found = {row.title: row for row in open_catalog(settings()).rows([row.title for row in scanned])}
    return [
        SourceRow(**row.model_dump(), name=found[row.title].name, video_url=found[row.title].video_url)
        for row in scanned
        if row.title in found
    ]
