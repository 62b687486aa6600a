"""Bring the source into the work area."""

import logging
from typing import Any

from nightreel.orchestration.conversion.session import SOURCE, working

log = logging.getLogger(__name__)

_ROOM_FACTOR = 1.05


def fetch_source(ticket: dict[str, Any]) -> int:
    """Copies the source into the work area and records what came; returns its size in bytes."""
    from nightreel.storage.source import fetch, head_source

    with working(ticket, "fetch") as conversion:
        url, bucket, options = conversion.claim.source_url, conversion.bucket, conversion.settings
        size = head_source(url, bucket, options)
        if size is not None:
            conversion.area.require_free(int(size * _ROOM_FACTOR))
        with conversion.area.writing(SOURCE) as path:
            fetched = fetch(url, path, bucket, options)
        conversion.catalog.record_source(
            conversion.claim, fetched.key_or_url, fetched.size, fetched.etag, fetched.sha256
        )
        log.info("fetched %d bytes, ETag %s, SHA-256 %s", fetched.size, fetched.etag, fetched.sha256)
        return fetched.size
