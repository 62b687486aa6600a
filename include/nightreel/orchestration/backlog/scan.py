"""Finds what is not converted yet."""

import logging
from typing import Any

from airflow.sdk import get_current_context

from nightreel.night.candidates import candidates, without_source
from nightreel.night.sizes import SourceSizes
from nightreel.orchestration.connections import open_bucket, open_catalog
from nightreel.settings import settings

log = logging.getLogger(__name__)

SCANNED_AT_KEY = "scanned_at"
"""When the catalog was scanned, by the database's clock, in ISO 8601."""


def scan_backlog() -> list[dict[str, Any]]:
    """The unconverted rows, oldest first, each with its source's size if the origin gives it.

    As many convertible rows as a night takes, and also those that cannot be converted, which take no
    place. They have only ids and figures: what a person wrote in a row stays in the catalog.
    """
    options = settings()
    catalog = open_catalog(options).keeping_connections()
    catalog.schema.check_mapping()
    get_current_context()["ti"].xcom_push(key=SCANNED_AT_KEY, value=catalog.attempts.now().isoformat())
    sized = SourceSizes(open_bucket(options), options, options.size_patience_seconds)
    scanned = candidates(catalog, options.backlog_max_titles, options.max_source_bytes, sized)
    log.info("%d titles are not converted yet (at most %d a night)", len(scanned), options.backlog_max_titles)
    rows = [*scanned, *without_source(catalog, options.max_source_bytes)]
    return [row.scanned.model_dump() for row in rows]
