"""Claims that no run will end: the run was deleted, marked, or is over, and left its claim behind."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from nightreel.catalog import Catalog, HeldClaim
from nightreel.orchestration.title_runs import is_alive, run_of, was_begun

log = logging.getLogger(__name__)

_BEING_QUEUED = timedelta(minutes=5)
"""A night claims a title first, and queues its run a moment later."""


def expire_unattended(catalog: Catalog, claims: Iterable[HeldClaim]) -> list[HeldClaim]:
    """Ends the claims whose run can no longer do it; returns the others."""
    attended = []
    for claim in claims:
        # Whether it is there is asked first: one that is queued in between is alive by then.
        begun = was_begun(run_of(claim))
        if is_alive(run_of(claim)) or (not begun and _is_being_queued(claim)):
            attended.append(claim)
        else:
            log.warning("%s: the run %s is over or was deleted; its claim ends", claim.title, run_of(claim))
            catalog.verdicts.expire(claim.token)
    return attended


def _is_being_queued(claim: HeldClaim) -> bool:
    reserved = claim.night is not None and not claim.adopted
    return reserved and datetime.now(UTC) - claim.claimed_at < _BEING_QUEUED
