"""How long a night should take and what it should cost, from this catalog's past conversions.

Every figure is a length of video times a rate, and every rate the median over the past
conversions, so that one that went wrong, or had the machine to itself, does not distort them.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Generic

from nightreel.catalog.records import PastConversion
from nightreel.night.rows import RowT

_BYTES_PER_GIGABYTE = 1e9
_WRITES_PER_PRICE = 1e6
_STABLE_MANIFESTS = 2
"""Written for each title beside the files of its release."""


@dataclass(frozen=True)
class Rates:
    """What a second of video takes: seconds of work, bytes and files of a release."""

    work: float
    bytes: float
    files: float


ASSUMED = Rates(work=1.5, bytes=1_350_000, files=1.2)
"""Until something was measured: a ladder up to 1080p, at two thirds of real time, segments of 6 s."""


def rates_of(history: Sequence[PastConversion]) -> Rates:
    """The medians of what was measured; ASSUMED where nothing was."""
    if not history:
        return ASSUMED
    return Rates(
        work=median(past.processing_seconds / past.source_seconds for past in history),
        bytes=median(past.bytes / past.source_seconds for past in history),
        files=median(past.files / past.source_seconds for past in history),
    )


@dataclass(frozen=True)
class Terms:
    """The terms of a forecast.

    `lanes` is how many titles are converted at once. Prices are in US dollars: per gigabyte and
    month, and per million writes.
    """

    begins_at: datetime
    deadline: datetime
    lanes: int
    storage_price: float
    operations_price: float


@dataclass(frozen=True)
class ExpectedTitle(Generic[RowT]):
    """One title of the night: how many seconds it is expected to take, where and when."""

    row: RowT
    seconds: float
    lane: int
    begins_at: datetime
    ends_at: datetime
    fits: bool
    """Whether it ends by the deadline."""


@dataclass(frozen=True)
class Forecast(Generic[RowT]):
    """The expected night. `work_seconds` is the total of all lanes.

    `storage_price` is in US dollars a month for what the night adds, `writes_price` in US dollars.
    """

    titles: tuple[ExpectedTitle[RowT], ...]
    source_hours: float
    work_seconds: float
    done_at: datetime
    storage_bytes: int
    storage_price: float
    writes: int
    writes_price: float

    @property
    def late(self) -> tuple[ExpectedTitle[RowT], ...]:
        """The titles that will not be done by the deadline."""
        return tuple(title for title in self.titles if not title.fits)


def forecast(rows: Sequence[RowT], rates: Rates, terms: Terms) -> Forecast[RowT]:
    """The night in which these rows are converted in their order.

    Each begins where a lane is free first. Lanes share the machine's encoders; the rates hold
    that as far as they were measured in nights as full as this one.
    """
    titles = tuple(_expected(rows, rates, terms))
    source_seconds = sum(row.hours for row in rows) * 3600
    storage_bytes = round(source_seconds * rates.bytes)
    writes = round(source_seconds * rates.files) + _STABLE_MANIFESTS * len(rows)
    return Forecast(
        titles=titles,
        source_hours=source_seconds / 3600,
        work_seconds=sum(title.seconds for title in titles),
        done_at=max((title.ends_at for title in titles), default=terms.begins_at),
        storage_bytes=storage_bytes,
        storage_price=storage_bytes / _BYTES_PER_GIGABYTE * terms.storage_price,
        writes=writes,
        writes_price=writes / _WRITES_PER_PRICE * terms.operations_price,
    )


def _expected(rows: Sequence[RowT], rates: Rates, terms: Terms) -> list[ExpectedTitle[RowT]]:
    titles = []
    free = [(terms.begins_at, lane) for lane in range(terms.lanes)]
    for row in rows:
        begins_at, lane = free[0]
        seconds = row.hours * 3600 * rates.work
        ends_at = _later(begins_at, seconds)
        heapq.heapreplace(free, (ends_at, lane))
        titles.append(ExpectedTitle(row, seconds, lane, begins_at, ends_at, ends_at <= terms.deadline))
    return titles


def _later(moment: datetime, seconds: float) -> datetime:
    try:
        return moment + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)
