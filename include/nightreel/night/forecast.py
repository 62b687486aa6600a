"""How long a night should take and what it should cost, based on this catalog's past conversions.

A night has two passes. The second one begins once the first one is done, and has rates of its own.

Every figure is a length of video times a rate. Every rate is the median of past conversions, so that one that
went wrong, or had the machine to itself, does not distort it.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Generic

from nightreel.catalog.records import PastConversion
from nightreel.night.rows import RowT
from nightreel.vocabulary.states import Part

_BYTES_PER_GIGABYTE = 1e9
_WRITES_PER_PRICE = 1e6
_STABLE_MANIFESTS = 2
"""Written for each title in addition to the files of its release."""


@dataclass(frozen=True)
class Rates:
    """What one second of video takes: seconds of work, bytes and files of a release."""

    work: float
    bytes: float
    files: float


ASSUMED: Mapping[Part, Rates] = {
    "whole": Rates(work=1.5, bytes=1_350_000, files=1.2),
    "first": Rates(work=0.4, bytes=370_000, files=0.45),
    "rest": Rates(work=1.1, bytes=980_000, files=0.75),
}
"""Until there are measurements: a ladder up to 1080p, at two thirds of real time, segments of 6 s; its
720p and the sound come first."""


def rates_of(history: Sequence[PastConversion], part: Part) -> Rates:
    """The medians of the measurements; of a part without any, its usual share of whole conversions."""
    if (measured := _medians(history, part)) is not None:
        return measured
    whole, assumed, share = _medians(history, "whole"), ASSUMED["whole"], ASSUMED[part]
    if whole is None:
        return share
    return Rates(
        work=whole.work * share.work / assumed.work,
        bytes=whole.bytes * share.bytes / assumed.bytes,
        files=whole.files * share.files / assumed.files,
    )


def _medians(history: Sequence[PastConversion], part: Part) -> Rates | None:
    alike = [past for past in history if past.part == part]
    if not alike:
        return None
    return Rates(
        work=median(past.processing_seconds / past.source_seconds for past in alike),
        bytes=median(past.bytes / past.source_seconds for past in alike),
        files=median(past.files / past.source_seconds for past in alike),
    )


@dataclass(frozen=True)
class Terms:
    """The terms of a forecast.

    `lanes` is how many titles are converted at once. Prices are in US dollars: per gigabyte and month,
    and per million writes.
    """

    begins_at: datetime
    deadline: datetime
    lanes: int
    storage_price: float
    operations_price: float


@dataclass(frozen=True)
class ExpectedTitle(Generic[RowT]):
    """One title of a pass: how long it is expected to take, where and when."""

    row: RowT
    seconds: float
    lane: int
    begins_at: datetime
    ends_at: datetime
    fits: bool
    """Whether it ends by the deadline."""


@dataclass(frozen=True)
class Forecast(Generic[RowT]):
    """One expected pass of the night. `work_seconds` is the sum over all lanes.

    `storage_price` is in US dollars per month for what it adds, `writes_price` in US dollars.
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
        """The titles that are not done by the deadline."""
        return tuple(title for title in self.titles if not title.fits)


def forecast(rows: Sequence[RowT], rates: Rates, terms: Terms) -> Forecast[RowT]:
    """The pass in which these rows are converted in this order.

    Each title starts in the lane that is free first. Lanes share the machine's encoders: the rates
    include that only if they were measured in nights as full as this one.
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
