"""The clean-up at the end of every run, however it ended. Never hides a failure."""

import logging
from typing import Any

from airflow.sdk import get_current_context

from nightreel.catalog import Catalog
from nightreel.errors import ClaimLost, TitleNotFound
from nightreel.housekeeping.releases import lead_back
from nightreel.orchestration.connections import open_bucket, open_catalog, open_client
from nightreel.orchestration.conversion.ticket import Ticket
from nightreel.releases.deletion import delete_release
from nightreel.settings import settings
from nightreel.storage.bucket import Bucket
from nightreel.workspace.locations import open_area

log = logging.getLogger(__name__)


def clean_up(ticket: dict[str, Any]) -> None:
    """Ends a claim that is still open, removes an unpublished upload, empties the work area."""
    options = settings()
    held = Ticket.model_validate(ticket)
    catalog = open_catalog(options)
    if not _keeps_release(catalog, held):
        _remove_upload(catalog, open_bucket(options), held)
    client = open_client(options) if options.work_area.startswith("s3://") else None
    with open_area(options.work_area, held.title, held.release, client) as area:
        area.remove()


def _remove_upload(catalog: Catalog, bucket: Bucket, ticket: Ticket) -> None:
    if catalog.releases.give_up(ticket.title, ticket.release):
        log.warning(
            "publication of release %s of %s had begun; it stays until nothing can lead to it any more",
            ticket.release,
            ticket.title,
        )
        lead_back(catalog, bucket, ticket.title)
        return
    removed = delete_release(catalog, bucket, ticket.title, ticket.release)
    log.info("removed %d files of the unpublished release %s", removed, ticket.release)


def _keeps_release(catalog: Catalog, ticket: Ticket) -> bool:
    attempt = next(iter(catalog.attempts.outcomes([ticket.token])), None)
    if attempt is None:
        # As of an old run that was cleared. Housekeeping knows which releases nothing leads to.
        log.info("the outcome of this attempt is no longer known; nothing is deleted from the bucket")
        return True
    if attempt.outcome is None:
        _end_claim(catalog, ticket)
    return attempt.outcome == "published"


def _end_claim(catalog: Catalog, ticket: Ticket) -> None:
    # A task that was killed outright told nobody why; its run must not keep the title.
    run_id = str(get_current_context()["run_id"])
    try:
        claim = catalog.leases.adopt(ticket.title, ticket.token, run_id, settings().lease)
        catalog.verdicts.fail(
            claim, "run_ended", f"The run {run_id} ended before the title was done; see its log."
        )
    except TitleNotFound:
        catalog.verdicts.release_deleted(ticket.token)
    except ClaimLost:
        log.info("%s belongs to another run already", ticket.title)
