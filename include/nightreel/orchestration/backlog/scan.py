"""Find what is not converted yet."""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from nightreel.errors import NightreelError
from nightreel.night import ScannedRow
from nightreel.orchestration.connections import open_bucket, open_catalog
from nightreel.settings import settings

if TYPE_CHECKING:
    from nightreel.catalog import BacklogRow
    from nightreel.storage.bucket import Bucket

log = logging.getLogger(__name__)

_HEAD_THREADS = 16


def scan_backlog() -> list[dict[str, Any]]:
    """The unconverted rows, oldest first, each with its source's size where the origin tells it."""
    options = settings()
    catalog = open_catalog(options)
    catalog.check_mapping()
    bucket = open_bucket(options)
    rows = catalog.scan(options.backlog_max_titles)
    with ThreadPoolExecutor(_HEAD_THREADS) as pool:
        scanned = list(pool.map(lambda row: _with_size(row, bucket), rows))
    log.info("%d titles are unconverted (at most %d a night)", len(scanned), options.backlog_max_titles)
    return [row.model_dump() for row in scanned]


def _with_size(row: "BacklogRow", bucket: "Bucket") -> ScannedRow:
    from nightreel.storage.source import head_source

    size = row.source_bytes
    if size is None and row.video_url:
        try:
            size = head_source(row.video_url, bucket, settings())
        except NightreelError as error:
            # The run of this title will meet the same error and record it there.
            log.info("%s %s: %s", row.content_type, row.content_id, error)
    return ScannedRow(
        content_type=row.content_type,
        content_id=row.content_id,
        name=row.name,
        video_url=row.video_url,
        source_version=row.source_version,
        source_bytes=size,
        source_duration=row.source_duration,
    )
