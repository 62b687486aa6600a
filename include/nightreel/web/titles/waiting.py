"""The rows that wait to be converted, looked up at most twice a minute, whoever asks."""

import threading
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from nightreel.catalog import Catalog, MalformedIds, TitleStatus
from nightreel.night.candidates import candidates, without_source
from nightreel.night.rows import SourceRow
from nightreel.night.sizes import SourceSizes
from nightreel.web.services import Services

_FRESH_SECONDS = 30.0
_BEYOND_THE_NIGHT = 100
_REFUSED_SHOWN = 1000
_PATIENCE_SECONDS = 5.0
"""How long the origins of the sources are waited for; a size that comes later is unknown."""


@dataclass(frozen=True)
class WaitingRows:
    """The rows in the order of the night; `more` says that there are others after them.

    `standing` are those that earlier nights refused, `malformed` those whose id no title can have.
    """

    rows: tuple[SourceRow, ...]
    standing: tuple[TitleStatus, ...]
    malformed: MalformedIds
    more: bool
    seen: float
    """By the clock of `time.monotonic`."""


_seen: MutableMapping[Catalog, WaitingRows] = WeakKeyDictionary()
_lock = threading.Lock()


def waiting_rows(services: Services) -> WaitingRows:
    """What a night may take, and a little more; with the sizes that the origins tell soon enough."""
    # Held while looking, so that those who ask meanwhile wait for the same answer.
    with _lock:
        known = _seen.get(services.catalog)
        if known is None or time.monotonic() - known.seen > _FRESH_SECONDS:
            known = _seen[services.catalog] = _look(services)
        return known


def _look(services: Services) -> WaitingRows:
    most = services.settings.backlog_max_titles + _BEYOND_THE_NIGHT
    catalog, largest = services.catalog, services.settings.max_source_bytes
    sized = SourceSizes(services.bucket, services.settings, _PATIENCE_SECONDS)
    rows = candidates(catalog, most, largest, sized)
    return WaitingRows(
        rows=(*rows, *without_source(catalog, largest, _REFUSED_SHOWN)),
        standing=tuple(catalog.refused_rows.standing(_REFUSED_SHOWN)),
        malformed=catalog.refused_rows.malformed_ids(),
        more=len(rows) >= most,
        seen=time.monotonic(),
    )
