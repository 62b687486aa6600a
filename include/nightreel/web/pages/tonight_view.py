"""The coming night as its page shows it: each title's bar on the lanes, and the hours below them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from nightreel.errors import ConfigurationError
from nightreel.runs.dags import WHILE_PAUSED
from nightreel.vocabulary.title import Title
from nightreel.web.services import Services
from nightreel.web.titles.tonight import PlannedTitle, Tonight, WaitingTitle

SHOWN = 200
"""So many titles of each list are told one by one."""

_STEPS_HOURS = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48)
_MOST_TICKS = 10
_LEAST_SPAN = timedelta(hours=1)
_TALL_LANE, _LOW_LANE = 34, 14
"""Pixels of a lane: with room for names, and where there are many."""
_NAMED_LANES = 8


@dataclass(frozen=True)
class Bar:
    """A title on the timeline. `x` and `width` in percent of it; `y` in pixels."""

    title: PlannedTitle
    x: float
    width: float
    y: int


@dataclass(frozen=True)
class Tick:
    """A time below the timeline; `x` in percent of it."""

    at: datetime
    x: float


@dataclass(frozen=True)
class Timeline:
    """From the night's beginning to its deadline, or to its end where that is later. Heights in pixels."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    deadline_x: float
    lane_height: int
    height: int

    @classmethod
    def of(cls, night: Tonight) -> Self:
        """The night's titles as shares of its time, 0 to 100."""
        span = max(night.deadline - night.begins_at, night.done_at - night.begins_at, _LEAST_SPAN)

        def share(at: datetime) -> float:
            return round((at - night.begins_at) / span * 100, 3)

        lanes = max((title.lane for title in night.titles), default=0) + 1
        height = _TALL_LANE if lanes <= _NAMED_LANES else _LOW_LANE
        return cls(
            bars=tuple(
                Bar(
                    title,
                    share(title.begins_at),
                    share(title.ends_at) - share(title.begins_at),
                    height * title.lane,
                )
                for title in night.titles
            ),
            ticks=tuple(Tick(at, share(at)) for at in _hours(night.begins_at, span)),
            deadline_x=share(night.deadline),
            lane_height=height,
            height=height * lanes,
        )


@dataclass(frozen=True)
class TonightView:
    """The data for the night's template."""

    night: Tonight
    timeline: Timeline
    shown: tuple[tuple[PlannedTitle, str], ...]
    waiting: tuple[tuple[WaitingTitle, str], ...]

    @classmethod
    def of(cls, services: Services, night: Tonight) -> Self:
        """The first titles of the night, with their pages."""
        return cls(
            night=night,
            timeline=Timeline.of(night),
            shown=tuple((title, _page(services, title)) for title in night.titles[:SHOWN]),
            waiting=tuple((title, _page(services, title)) for title in night.waiting[:SHOWN]),
        )

    @property
    def paused(self) -> tuple[tuple[str, str], ...]:
        """The DAGs that are paused, each with what is not done until it is resumed."""
        return tuple((dag_id, WHILE_PAUSED[dag_id]) for dag_id in self.night.night.paused_dags or ())

    @property
    def refused(self) -> int:
        """How many rows the night would refuse."""
        return len(self.night.refused) + self.night.malformed_ids.count


def _page(services: Services, title: WaitingTitle) -> str:
    """Empty for an id that no title can have."""
    try:
        return services.title_page(Title(title.content_type, title.content_id))
    except ConfigurationError:
        return ""


def _hours(begin: datetime, span: timedelta) -> list[datetime]:
    """The times to write below: the beginning, and then so many as leave room between them."""
    hours = span / timedelta(hours=1)
    fitting = (step for step in _STEPS_HOURS if hours / step <= _MOST_TICKS)
    step = timedelta(hours=next(fitting, hours / _MOST_TICKS))
    # The last tenth has no room for its words.
    return [begin + step * count for count in range(int(span / step) + 1) if step * count <= span * 0.95]
