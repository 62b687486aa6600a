"""Claims that no run will end: the run was deleted, marked, or is over, and left its claim behind."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nightreel.orchestration.title_runs import is_alive, run_of

if TYPE_CHECKING:
    from nightreel.catalog import Catalog, HeldClaim

log = logging.getLogger(__name__)

_BEING_QUEUED = timedelta(minutes=5)
"""A night claims a title first, and queues its run a moment later."""


def expire_unattended(catalog: "Catalog", claims: "Iterable[HeldClaim]") -> "list[HeldClaim]":
    """Ends the claims whose run can no longer do it; returns the others."""
    attended = []
    for claim in claims:
        if is_alive(run_of(claim)) or _is_being_queued(claim):
            attended.append(claim)
        else:
            log.warning("%s: the run %s is over or was deleted; its claim ends", claim.title, run_of(claim))
            catalog.expire_claim(claim.token)
    return attended


def _is_being_queued(claim: "HeldClaim") -> bool:
    reserved = claim.night is not None and not claim.adopted
    return reserved and datetime.now(UTC) - claim.claimed_at < _BEING_QUEUED
