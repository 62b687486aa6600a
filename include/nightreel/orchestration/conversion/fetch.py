"""Bring the source into the work area."""

import logging
from typing import Any

from nightreel.orchestration.conversion.session import SOURCE, working

log = logging.getLogger(__name__)

_PARTIAL = f"{SOURCE}.part"


def fetch_source(ticket: dict[str, Any]) -> int:
    """Copies the source into the work area and records what came; returns its size in bytes.

    A retry goes on with what an earlier try has left there. Raises ClaimLost within seconds when
    the title is no longer this run's.
    """
    from nightreel.sources.fetching import Callbacks, fetch

    with working(ticket, "fetch") as conversion:
        area = conversion.area
        with area.writing(SOURCE) as path:
            fetched = fetch(
                conversion.claim.source_url,
                path,
                conversion.bucket,
                conversion.settings,
                partial=area.scratch(_PARTIAL),
                callbacks=Callbacks(go_on=conversion.require_claim, require_free=area.require_free),
            )
        conversion.catalog.record_source(
            conversion.claim, fetched.key_or_url, fetched.size, fetched.etag, fetched.sha256
        )
        log.info("fetched %d bytes, ETag %s, SHA-256 %s", fetched.size, fetched.etag, fetched.sha256)
        return fetched.size
