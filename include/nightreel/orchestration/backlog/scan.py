"""Find what is not converted yet."""

import logging
from dataclasses import asdict
from typing import Any

from nightreel.night import SourceRow
from nightreel.orchestration.connections import open_bucket, open_catalog
from nightreel.settings import settings

log = logging.getLogger(__name__)


def scan_backlog() -> list[dict[str, Any]]:
    """The unconverted rows, oldest first, each with its source's size where the origin tells it.

    Ids and figures alone: what a person wrote in a row stays in the catalog.
    """
    from nightreel.storage.source_sizes import with_sizes

    options = settings()
    catalog = open_catalog(options)
    catalog.check_mapping()
    rows = [SourceRow(**asdict(row)) for row in catalog.scan(options.backlog_max_titles) if row.names_a_title]
    scanned = with_sizes(rows, open_bucket(options), options)
    log.info("%d titles are unconverted (at most %d a night)", len(scanned), options.backlog_max_titles)
    return [row.scanned.model_dump() for row in scanned]
