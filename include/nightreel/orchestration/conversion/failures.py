"""Why a title was not converted, written on the title when a task fails for good."""

import logging
import re
from typing import Any

from nightreel.errors import (
    CatalogUnavailable,
    ClaimLost,
    ConfigurationError,
    Rejected,
    TitleNotFound,
    WorkAreaFull,
)
from nightreel.orchestration.connections import open_catalog
from nightreel.orchestration.conversion.ticket import Ticket
from nightreel.runs.steps import Step
from nightreel.settings import settings

log = logging.getLogger(__name__)

_LONGEST_REASON = 2000
_SET_UP = (CatalogUnavailable, ConfigurationError, WorkAreaFull)
"""Faults of the set-up, which say nothing of the title: they use up none of its tries."""


def record_failure(context: Any) -> None:
    """Quarantines a refused title, fails any other, and ends the claim. An on_failure_callback."""
    ti, error = context["ti"], context.get("exception")
    fields = ti.xcom_pull(task_ids=Step.CLAIM)
    if not fields or isinstance(error, ClaimLost):
        return
    ticket = Ticket.model_validate(fields)
    catalog = open_catalog(settings())
    try:
        claim = catalog.leases.adopt(ticket.title, ticket.token, str(context["run_id"]), settings().lease)
        if isinstance(error, Rejected):
            catalog.verdicts.quarantine(claim, error.code, error.sentence)
        else:
            counted = not isinstance(error, _SET_UP)
            catalog.verdicts.fail(claim, reason_code(error), _reason(ti.task_id, error), counted=counted)
    except TitleNotFound:
        catalog.verdicts.release_deleted(ticket.token)
    except ClaimLost:
        # The first task of the run to fail has said why already.
        log.info("the verdict on %s is already written", ticket.title)


def reason_code(error: BaseException | None) -> str:
    """`EncoderFailed` → `encoder_failed`: stable, for filters and reports."""
    name = type(error).__name__ if error is not None else "Unknown"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _reason(task_id: str, error: BaseException | None) -> str:
    said = str(error) if error is not None else "it was ended from outside"
    return f"{task_id}: {said}"[:_LONGEST_REASON]
