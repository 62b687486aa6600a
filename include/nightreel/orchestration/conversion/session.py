"""What every task of a title's run works with: the claim, kept alive, and the work area."""

import logging
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException
from pydantic import BaseModel, ConfigDict

from nightreel.errors import CatalogUnavailable, ClaimLost, NightreelError, TitleNotFound
from nightreel.media.programs import process
from nightreel.media.programs.supervision import supervised
from nightreel.settings import Settings, settings
from nightreel.title import Title

if TYPE_CHECKING:
    from nightreel.catalog import Catalog, Claim
    from nightreel.media.planning.plan import Plan
    from nightreel.media.programs.binaries import Binaries
    from nightreel.media.source import SourceProbe
    from nightreel.protection import ContentKey, Scheme
    from nightreel.storage.bucket import Bucket
    from nightreel.workspace import WorkArea

log = logging.getLogger(__name__)

_SCHEMES: dict[str, "Scheme"] = {"cmaf": "cbcs", "ts": "aes-128"}
_HEARTBEAT_SECONDS = 20.0


class Ticket(BaseModel):
    """What the claim task hands to the others: which title, and the proof of owning it."""

    model_config = ConfigDict(frozen=True)

    content_type: str
    content_id: str
    token: str
    release: str
    ladder: tuple[str, ...] = ()
    encrypted: bool = False
    sound: bool = True
    """Whether the source's sounds are taken over."""
    claimed_at: float
    """Seconds since the epoch."""

    @property
    def title(self) -> Title:
        return Title(self.content_type, self.content_id)


@dataclass
class Conversion:
    """One title being converted."""

    ticket: Ticket
    claim: "Claim"
    catalog: "Catalog"
    area: "WorkArea"
    settings: Settings
    _ended: NightreelError | None = None

    @cached_property
    def bucket(self) -> "Bucket":
        from nightreel.orchestration.connections import open_bucket

        return open_bucket(self.settings)

    @cached_property
    def binaries(self) -> "Binaries":
        from nightreel.media.programs.binaries import find_binaries

        return find_binaries(self.settings.ffmpeg, self.settings.ffprobe, self.settings.packager)

    @cached_property
    def plan(self) -> "Plan":
        from nightreel.media.planning.plan import Plan

        return Plan.model_validate_json(self.area.fetch(PLAN).read_text())

    @cached_property
    def source(self) -> "SourceProbe":
        from nightreel.media.source import SourceProbe

        return SourceProbe.model_validate_json(self.area.fetch(PROBE).read_text())

    @cached_property
    def content_key(self) -> "ContentKey | None":
        """The key of the release, the same for all its tasks and tries; None when it is in the clear."""
        if not self.plan.encrypted:
            return None
        return self.catalog.content_keys.make(self.claim, _SCHEMES[self.plan.container])

    def require_claim(self) -> None:
        """Raises what the heartbeat met, once there is nothing to go on for.

        ClaimLost and TitleNotFound; CatalogUnavailable when the lease ran out before the catalog
        could be asked again, and another run may have the title.
        """
        if self._ended is not None:
            raise self._ended

    def end(self, error: NightreelError) -> None:
        """From now on, `require_claim` raises this."""
        self._ended = error


SOURCE = "source.mp4"
PROBE = "probe.json"
PLAN = "plan.json"
RELEASE = "release"
MANIFEST = "manifest.json"


def encoded_name(rendition: str) -> str:
    """Where the work area keeps an encoded rendition: an MP4, of subtitles a WebVTT file."""
    return f"encoded/{rendition}.{'vtt' if rendition.startswith('subs_') else 'mp4'}"


def encoder_name(rendition: str) -> str:
    """Where the work area keeps which encoder made a rendition of the picture."""
    return f"encoded/{rendition}.json"


def quality_name(rendition: str) -> str:
    """Where the work area keeps how near a rendition of the picture is to its source."""
    return f"encoded/{rendition}.quality.json"


@contextmanager
def working(ticket_fields: dict[str, Any], step: str) -> Iterator[Conversion]:
    """The title of a ticket, for the length of one step.

    Proves the claim, renews it while the step lasts, and records what the step cost.
    Raises ClaimLost when another run owns the title. Where the user deleted the row, the claim
    ends and the step is skipped, and with it the run: nothing failed.
    """
    from nightreel.orchestration.connections import open_catalog, open_client
    from nightreel.workspace import open_area

    options = settings()
    ticket = Ticket.model_validate(ticket_fields)
    catalog = open_catalog(options)
    owner = str(get_current_context()["run_id"])
    with skipped_if_row_deleted(catalog, ticket.token):
        claim = catalog.adopt(ticket.title, ticket.token, owner, options.lease)
        client = open_client(options) if options.work_area.startswith("s3://") else None
        with open_area(options.work_area, ticket.title, ticket.release, client) as area:
            conversion = Conversion(ticket, claim, catalog, area, options)
            with _heartbeat(conversion), _measured(conversion, step), supervised(conversion.require_claim):
                yield conversion


@contextmanager
def skipped_if_row_deleted(catalog: "Catalog", token: str) -> Iterator[None]:
    """Where the user deleted the title's row: ends the claim, and raises AirflowSkipException."""
    try:
        yield
    except TitleNotFound as error:
        catalog.release_deleted(token)
        raise AirflowSkipException(f"{error}; it was deleted, so there is nothing to convert") from error


@contextmanager
def _heartbeat(conversion: Conversion) -> Iterator[None]:
    stop = threading.Event()
    interval = min(_HEARTBEAT_SECONDS, conversion.settings.lease_seconds / 4)

    def beat() -> None:
        renewed = time.monotonic()
        while not stop.wait(interval):
            began = time.monotonic()
            try:
                conversion.catalog.heartbeat(conversion.claim, conversion.settings.lease)
            except (ClaimLost, TitleNotFound) as error:
                conversion.end(error)
                return
            except Exception as error:
                # Several beats come before the lease runs out.
                log.warning("the claim could not be renewed: %s", error)
                if began - renewed >= conversion.settings.lease_seconds:
                    conversion.end(_not_renewed(conversion, error))
                    return
            else:
                renewed = began

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _not_renewed(conversion: Conversion, error: Exception) -> CatalogUnavailable:
    """Whose title it is now, the next try asks: it may still be this run's."""
    return CatalogUnavailable(
        f"the claim on {conversion.claim.title} could not be renewed for as long as it lasts "
        f"({conversion.settings.lease_seconds:g} seconds), so the work on it ends here: {error}"
    )


@contextmanager
def _measured(conversion: Conversion, step: str) -> Iterator[None]:
    """Records when the step and its programs ran, CPU seconds (its own and theirs) and peak memory."""
    started = time.time()
    began, own, children = time.monotonic(), _usage(), _usage(resource.RUSAGE_CHILDREN)
    try:
        yield
    finally:
        own_after, children_after = _usage(), _usage(resource.RUSAGE_CHILDREN)
        _record_timings(
            conversion,
            {
                step: {
                    "began": round(started, 3),
                    "seconds": round(time.monotonic() - began, 3),
                    "cpu_seconds": round(_cpu(own_after) - _cpu(own), 3),
                    "child_cpu_seconds": round(_cpu(children_after) - _cpu(children), 3),
                    # Linux counts resident memory in KiB.
                    "peak_bytes": own_after.ru_maxrss * 1024,
                    "child_peak_bytes": children_after.ru_maxrss * 1024,
                    "programs": [
                        asdict(program) for program in tuple(process.finished) if program.began >= started
                    ],
                }
            },
        )


def _record_timings(conversion: Conversion, timings: dict[str, Any]) -> None:
    """What a step cost is worth no failure, and must not hide the one that ended the step."""
    try:
        conversion.catalog.record_timings(conversion.claim, timings)
    except NightreelError as error:
        log.warning("what the step cost could not be recorded: %s", error)


def _usage(who: int = resource.RUSAGE_SELF) -> resource.struct_rusage:
    return resource.getrusage(who)


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime
