"""What waits for the night, looked up at most twice a minute for everyone."""

import threading
import time
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from nightreel.catalog import Catalog, MalformedIds, TitleStatus
from nightreel.checks.rows import faults_of
from nightreel.night.candidates import candidates, incomplete, without_source
from nightreel.night.rows import SourceRow, within_one_night
from nightreel.night.sizes import SourceSizes
from nightreel.web.services import Services

_FRESH_SECONDS = 30.0
_BEYOND_THE_NIGHT = 100
_REFUSED_SHOWN = 1000
_PATIENCE_SECONDS = 5.0
"""How long to wait for sizes from the sources' origins; later ones are unknown."""


@dataclass(frozen=True)
class PassRows:
    """The rows of one pass in its order: those that fit, and those left; `more` says that there are more."""

    taken: tuple[SourceRow, ...]
    left: tuple[SourceRow, ...]
    more: bool


@dataclass(frozen=True)
class WaitingRows:
    """The rows of both passes, and those that no night can convert, with what is wrong with them.

    `to_complete` counts on a first release of each title that the first pass takes. `standing` are those
    that earlier nights refused, `malformed` those with ids that no title can have.
    """

    to_publish: PassRows
    to_complete: PassRows
    refused: tuple[tuple[SourceRow, str], ...]
    standing: tuple[TitleStatus, ...]
    malformed: MalformedIds
    seen: float
    """By the clock of `time.monotonic`."""


_seen: MutableMapping[Catalog, WaitingRows] = WeakKeyDictionary()
_lock = threading.Lock()


def waiting_rows(services: Services) -> WaitingRows:
    """What a night may take, and a little more, with the sizes that the origins give soon enough."""
    # Held during the look-up, so that others wait for the same answer.
    with _lock:
        known = _seen.get(services.catalog)
        if known is None or time.monotonic() - known.seen > _FRESH_SECONDS:
            known = _seen[services.catalog] = _look(services)
        return known


def _look(services: Services) -> WaitingRows:
    catalog = services.catalog
    to_publish, refused = _to_publish(services)
    return WaitingRows(
        to_publish=to_publish,
        to_complete=_to_complete(services, to_publish.taken),
        refused=refused,
        standing=tuple(catalog.refused_rows.standing(_REFUSED_SHOWN)),
        malformed=catalog.refused_rows.malformed_ids(),
        seen=time.monotonic(),
    )


def _to_publish(services: Services) -> tuple[PassRows, tuple[tuple[SourceRow, str], ...]]:
    options, catalog = services.settings, services.catalog
    most = options.backlog_max_titles + _BEYOND_THE_NIGHT
    sized = SourceSizes(services.bucket, options, _PATIENCE_SECONDS)
    scanned = candidates(catalog, most, options.max_source_bytes, sized)
    rows = [*scanned, *without_source(catalog, options.max_source_bytes, _REFUSED_SHOWN)]
    faults = [(row, faults_of(row, options.max_source_bytes)) for row in rows]
    convertible = [row for row, fault in faults if fault is None]
    taken = within_one_night(convertible, options.backlog_max_titles, options.backlog_max_source_hours)
    found = PassRows(tuple(taken), tuple(convertible[len(taken) :]), more=len(scanned) >= most)
    return found, tuple((row, fault) for row, fault in faults if fault is not None)


def _to_complete(services: Services, tonight: Sequence[SourceRow]) -> PassRows:
    options = services.settings
    most = options.backlog_max_completions + _BEYOND_THE_NIGHT
    # Their lengths may come from sizes that their origins gave.
    first = {row.title: row for row in tonight} if options.first_releases else {}
    rows = [first.get(row.title, row) for row in incomplete(services.catalog, most, soon=tuple(first))]
    taken = within_one_night(rows, options.backlog_max_completions, options.backlog_max_completion_hours)
    return PassRows(tuple(taken), tuple(rows[len(taken) :]), more=len(rows) >= most)
