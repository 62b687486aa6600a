"""What every task of a title's run works with: its claim, its catalog and its work area."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from nightreel.catalog import Catalog, Claim
from nightreel.errors import NightreelError, TitleNotFound
from nightreel.media.planning.copied import copied_names, encoded_instead
from nightreel.media.planning.first_release import only
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.programs.supervision import supervised
from nightreel.media.renditions import TextRendition
from nightreel.media.source import SourceProbe
from nightreel.orchestration.connections import open_bucket, open_catalog, open_client
from nightreel.orchestration.conversion.heartbeat import kept_alive
from nightreel.orchestration.conversion.metering import Part, metered
from nightreel.orchestration.conversion.scope import Scope, made_pictures
from nightreel.orchestration.conversion.ticket import Ticket
from nightreel.settings import Settings, settings
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.protection import ContentKey, Scheme
from nightreel.workspace.area import WorkArea
from nightreel.workspace.locations import open_area
from nightreel.workspace.names import PLAN, PROBE, SCOPE, copied_name, encoded_name, refused_name

log = logging.getLogger(__name__)

_SCHEMES: dict[str, Scheme] = {"cmaf": "cbcs", "ts": "aes-128"}


@dataclass
class Conversion:
    """One title being converted."""

    ticket: Ticket
    claim: Claim
    catalog: Catalog
    area: WorkArea
    settings: Settings
    parts: dict[str, Part] = field(default_factory=dict)
    """What kinds of work within this step cost, by name."""
    _ended: NightreelError | None = None

    @cached_property
    def bucket(self) -> Bucket:
        """Where the release goes."""
        return open_bucket(self.settings)

    @cached_property
    def binaries(self) -> Binaries:
        """The media programs that this worker uses."""
        return find_binaries(self.settings.ffmpeg, self.settings.ffprobe, self.settings.packager)

    @cached_property
    def plan(self) -> Plan:
        """As the task `plan` made it, but for copies that were refused. Raises WorkAreaLost."""
        plan = Plan.model_validate_json(self.area.fetch(PLAN).read_text())
        refused = [name for name in copied_names(plan) if self.area.exists(refused_name(name))]
        return encoded_instead(plan, refused)

    def refuse_copy(self, name: str, sentence: str) -> None:
        """From now on, all tasks of the run encode this rendition instead of copying it.

        Each refusal is a file of its own, because several tasks may refuse copies at the same time.
        """
        with self.area.writing(refused_name(name)) as path:
            path.write_text(sentence, "utf-8")
        vars(self).pop("plan", None)

    def refused_copy(self, name: str) -> str:
        """Why a rendition could not be copied: a sentence, empty if it was not tried or is a copy."""
        kept = refused_name(name)
        return self.area.fetch(kept).read_text("utf-8") if self.area.exists(kept) else ""

    @cached_property
    def scope(self) -> Scope:
        """As the task `plan` chose it. Raises WorkAreaLost."""
        return Scope.model_validate_json(self.area.fetch(SCOPE).read_text())

    @property
    def stills_plan(self) -> Plan:
        """The plan with the pictures that this run makes, from which the stills are cut."""
        return only(self.plan, made_pictures(self.plan, self.scope))

    @cached_property
    def source(self) -> SourceProbe:
        """As the task `plan` found it. Raises WorkAreaLost."""
        return SourceProbe.model_validate_json(self.area.fetch(PROBE).read_text())

    def file_of(self, name: str) -> str:
        """Where the work area keeps what was made of a rendition, before it is packaged."""
        rendition = self.plan.rendition(name)
        copied = not isinstance(rendition, TextRendition) and rendition.copied
        return copied_name(name) if copied else encoded_name(name)

    @cached_property
    def content_key(self) -> ContentKey | None:
        """The key of the timeline, the same for all tasks and tries; None when the title is in the clear."""
        if not self.plan.encrypted:
            return None
        scheme = _SCHEMES[self.plan.container]
        return self.catalog.content_keys.make(self.claim, scheme, self.scope.timeline)

    def require_claim(self) -> None:
        """Raises what the heartbeat met, once there is no reason to go on.

        ClaimLost and TitleNotFound; CatalogUnavailable when the lease expired before the catalog
        could be asked again, and another run may have the title.
        """
        if self._ended is not None:
            raise self._ended

    def end(self, error: NightreelError) -> None:
        """From now on, `require_claim` raises this."""
        self._ended = error


@contextmanager
def working(ticket_fields: dict[str, Any], step: str) -> Iterator[Conversion]:
    """The title of a ticket, for the length of one step.

    Proves the claim, renews it while the step lasts, and records what the step cost.
    Raises ClaimLost when another run owns the title. Where the user deleted the row, the claim
    ends and the step is skipped, and with it the run: nothing failed.
    """
    options = settings()
    ticket = Ticket.model_validate(ticket_fields)
    catalog = open_catalog(options)
    run_id = str(get_current_context()["run_id"])
    with skipped_if_row_deleted(catalog, ticket.token):
        claim = catalog.leases.adopt(ticket.title, ticket.token, run_id, options.lease)
        client = open_client(options) if options.work_area.startswith("s3://") else None
        with open_area(options.work_area, ticket.title, ticket.release, client) as area:
            conversion = Conversion(ticket, claim, catalog, area, options)
            with kept_alive(conversion), metered(conversion, step), supervised(conversion.require_claim):
                yield conversion


@contextmanager
def skipped_if_row_deleted(catalog: Catalog, token: str) -> Iterator[None]:
    """Where the user deleted the title's row: ends the claim, and raises AirflowSkipException."""
    try:
        yield
    except TitleNotFound as error:
        catalog.verdicts.release_deleted(token)
        raise AirflowSkipException(f"{error}; it was deleted, so there is nothing to convert") from error
