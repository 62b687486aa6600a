"""How large the sources of scanned rows are, asked of their origins."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from nightreel.errors import NightreelError
from nightreel.night import SourceRow
from nightreel.settings import Settings
from nightreel.sources.fetching import head_source
from nightreel.storage.bucket import Bucket

log = logging.getLogger(__name__)

_HEAD_THREADS = 16


def with_sizes(
    rows: Sequence[SourceRow], bucket: Bucket, settings: Settings, patience: float | None = None
) -> list[SourceRow]:
    """The rows in their order, each with its source's size where the catalog or the origin tells it.

    `patience` is how many seconds are waited for all origins together; None: as long as it takes.
    """
    pool = ThreadPoolExecutor(_HEAD_THREADS, thread_name_prefix="source-size")
    try:
        sizes = {
            position: pool.submit(_size, row, row.video_url, bucket, settings)
            for position, row in enumerate(rows)
            if row.source_bytes is None and row.video_url
        }
        wait(sizes.values(), timeout=patience)
        return [_sized(row, sizes.get(position)) for position, row in enumerate(rows)]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _sized(row: SourceRow, size: Future[int | None] | None) -> SourceRow:
    if size is None or not size.done():
        return row
    return row.model_copy(update={"source_bytes": size.result()})


def _size(row: SourceRow, url: str, bucket: Bucket, settings: Settings) -> int | None:
    try:
        return head_source(url, bucket, settings)
    except NightreelError as error:
        # The run of this title will meet the same error and record it there.
        log.info("%s %s: %s", row.content_type, row.content_id, error)
        return None
