"""Bring the source into the work area."""

import logging
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from nightreel.orchestration.connections import open_catalog
from nightreel.orchestration.conversion.session import Conversion, working
from nightreel.orchestration.conversion.ticket import Ticket
from nightreel.settings import settings
from nightreel.sources.fetching import Callbacks, fetch
from nightreel.workspace.names import SOURCE

log = logging.getLogger(__name__)

_PARTIAL = f"{SOURCE}.part"


def fetch_source(ticket: dict[str, Any]) -> int:
    """Copies the source into the work area and records what was received; returns its size in bytes.

    A retry continues from what an earlier try left there. Skips the run when the source is the
    same film that is published. Raises ClaimLost within seconds when the title is no longer this
    run's.
    """
    _skip_if_ended(Ticket.model_validate(ticket))
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
        conversion.catalog.leases.record_source(
            conversion.claim, fetched.key_or_url, fetched.size, fetched.etag, fetched.sha256
        )
        log.info("fetched %d bytes, ETag %s, SHA-256 %s", fetched.size, fetched.etag, fetched.sha256)
        if _may_be_published(conversion) and conversion.catalog.verdicts.end_unchanged(conversion.claim):
            raise _unchanged(conversion.ticket)
        return fetched.size


def _may_be_published(conversion: Conversion) -> bool:
    """Whether nothing but another source asks for a conversion; what a person wants of it does, too."""
    return not conversion.ticket.ladder and conversion.ticket.sound


def _skip_if_ended(ticket: Ticket) -> None:
    """An earlier try may have got as far as the verdict: then there is no claim to work with."""
    [attempt] = open_catalog(settings()).attempts.outcomes([ticket.token])
    if attempt.outcome == "unchanged":
        raise _unchanged(ticket)


def _unchanged(ticket: Ticket) -> AirflowSkipException:
    return AirflowSkipException(
        f"{ticket.title} stays as published: its source is the same file that the release was made "
        "from; force converts it again"
    )
