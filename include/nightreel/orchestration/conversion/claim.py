"""Own the title, or say why not."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from nightreel.catalog import Catalog, Claim, Refusal
from nightreel.encryption import require_encryption
from nightreel.errors import ClaimLost, ConfigurationError, Permanent
from nightreel.media.planning.ladder import load_ladder
from nightreel.orchestration.connections import open_catalog
from nightreel.orchestration.conversion.failures import reason_code
from nightreel.orchestration.conversion.session import skipped_if_row_deleted
from nightreel.orchestration.conversion.ticket import Ticket
from nightreel.runs.request import ConversionRequest
from nightreel.settings import Settings, settings
from nightreel.vocabulary.layout import longest_urls
from nightreel.vocabulary.title import Title

log = logging.getLogger(__name__)


class TitleRefused(Permanent):
    """The title cannot be claimed now; the message says why."""


def claim_title() -> dict[str, Any]:
    """Claims the title that the run's parameters name; returns the ticket for the other tasks.

    A run of a night brings a claim along and adopts it; where that claim was ended, because the
    run was cleared or came late, it claims the title as a person's run does. Skips when the
    title is published and unchanged, or its row was deleted after the night had claimed it.
    Raises TitleNotFound, TitleRefused, or ConfigurationError when the ladder override names no
    rung, the title is to be encrypted and cannot be, or its row would refuse what publishing writes.
    """
    context = get_current_context()
    request = ConversionRequest.of_run(context["params"], context["dag_run"].conf)
    options = settings()
    ladder = _checked_ladder(request.ladder, options)
    run_id = str(context["run_id"])
    catalog = open_catalog(options)
    title = catalog.titles.as_stored(request.title)
    if request.encrypt is not None:
        catalog.claims.choose_encryption(title, request.encrypt)
    claim = _adopt(catalog, title, run_id, request.claim) if request.claim else None
    if claim is None:
        claim = _claim(catalog, title, run_id, request)
    log.info("claimed %s (%r), attempt %d, release %s", title, claim.name, claim.attempt, claim.release)
    with _ended_by_the_set_up(catalog, claim):
        encrypted = _encrypted(claim, options)
        # Before hours of encoding, and not after them in each night.
        catalog.titles.require_taken(title, longest_urls(options.r2_public_url, title))
    return Ticket(
        content_type=title.content_type,
        content_id=title.content_id,
        token=claim.token,
        release=claim.release,
        first=request.first or (request.claim is not None and options.first_releases),
        ladder=ladder,
        encrypted=encrypted,
        sound=request.sound,
        claimed_at=time.time(),
    ).model_dump(mode="json")


def _adopt(catalog: Catalog, title: Title, run_id: str, token: str) -> Claim | None:
    """The claim that a night made for this run; None when it was ended before."""
    with skipped_if_row_deleted(catalog, token):
        try:
            return catalog.leases.adopt(title, token, run_id, settings().lease)
        except ClaimLost as lost:
            log.warning("%s; the run claims it again", lost)
            return None


def _claim(catalog: Catalog, title: Title, run_id: str, request: ConversionRequest) -> Claim:
    # A night's run is to complete a title that has its first release, and carries no such wish.
    answer = catalog.claims.one(title, run_id, settings().lease, force=request.force, first=request.first)
    if not isinstance(answer, Refusal):
        return answer
    if answer.code == "published":
        raise AirflowSkipException(answer.sentence)
    raise TitleRefused(answer.sentence)


@contextmanager
def _ended_by_the_set_up(catalog: Catalog, claim: Claim) -> Iterator[None]:
    """Fails the title at once where the set-up does not suffice for it."""
    try:
        yield
    except ConfigurationError as error:
        # The callback of a failed task knows no claim that was not passed on.
        catalog.verdicts.fail(claim, reason_code(error), str(error), counted=False)
        raise


def _encrypted(claim: Claim, options: Settings) -> bool:
    """Whether the title is encrypted. Raises ConfigurationError when the settings do not suffice for that."""
    encrypted = options.encrypt if claim.encrypt is None else claim.encrypt
    if encrypted:
        require_encryption(options)
    return encrypted


def _checked_ladder(names: tuple[str, ...], options: Settings) -> tuple[str, ...]:
    if names:
        load_ladder(options.ladder).only(names)
    return names
