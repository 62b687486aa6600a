"""The coming night as its page shows it: both passes, each title's bar on its lane, and the hours below."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from nightreel.errors import ConfigurationError
from nightreel.runs.dags import WHILE_PAUSED
from nightreel.vocabulary.states import Part
from nightreel.vocabulary.title import Title
from nightreel.web.services import Services
from nightreel.web.titles.forecast_models import Pass, PlannedTitle, Tonight, WaitingTitle

SHOWN = 200
"""At most this many titles of each list are shown."""

PARTS: dict[Part, tuple[str, str]] = {
    "first": (
        "First releases",
        "One rendition with all sounds and subtitles: from then on, the title plays.",
    ),
    "rest": ("Other renditions", "Added to the titles that have a first release; viewers keep watching."),
    "whole": ("Whole titles", "All renditions at once."),
}
"""The passes by what they make: the name, and a sentence for whoever reads it."""

_STEPS_HOURS = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48)
_MOST_TICKS = 10
_LEAST_SPAN = timedelta(hours=1)
_TALL_LANE, _LOW_LANE = 34, 14
"""Heights of a lane in pixels: with room for names, and if there are many lanes."""
_NAMED_LANES = 8


@dataclass(frozen=True)
class Bar:
    """A title on the timeline. `x` and `width` in percent of its width; `y` in pixels."""

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
    """From the night's start to its deadline, or to its end if that is later. Heights in pixels."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    deadline_x: float
    lane_height: int
    height: int

    @classmethod
    def of(cls, night: Tonight) -> Self:
        """The night's titles, placed in percent of its time."""
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
class PassView:
    """A pass of the night in words: its name and what it does, and its first titles with their pages."""

    figures: Pass
    name: str
    says: str
    shown: tuple[tuple[PlannedTitle, str], ...]

    @classmethod
    def of(cls, services: Services, night: Tonight, figures: Pass) -> Self:
        """`figures` is one of the night's passes."""
        titles = [title for title in night.titles if title.part == figures.part]
        name, says = PARTS[figures.part]
        return cls(figures, name, says, tuple((title, _page(services, title)) for title in titles[:SHOWN]))


@dataclass(frozen=True)
class TonightView:
    """The data for the night's template. `passes` are those that have titles."""

    night: Tonight
    timeline: Timeline
    passes: tuple[PassView, ...]
    waiting: tuple[tuple[WaitingTitle, str], ...]

    @classmethod
    def of(cls, services: Services, night: Tonight) -> Self:
        """The first titles of the night, with their pages."""
        return cls(
            night=night,
            timeline=Timeline.of(night),
            passes=tuple(PassView.of(services, night, each) for each in night.passes if each.title_count),
            waiting=tuple((title, _page(services, title)) for title in night.waiting[:SHOWN]),
        )

    @property
    def all_play_at(self) -> datetime | None:
        """When the last first release should play; None if there are none."""
        return next((each.figures.done_at for each in self.passes if each.figures.part == "first"), None)

    @property
    def paused(self) -> tuple[tuple[str, str], ...]:
        """The paused DAGs, each with what does not happen until it is resumed."""
        return tuple((dag_id, WHILE_PAUSED[dag_id]) for dag_id in self.night.night.paused_dags or ())

    @property
    def refused(self) -> int:
        """How many rows the night would refuse."""
        return len(self.night.refused) + self.night.malformed_ids.count


def _page(services: Services, title: WaitingTitle) -> str:
    """The title's page; empty for an id that no title can have."""
    try:
        return services.title_page(Title(title.content_type, title.content_id))
    except ConfigurationError:
        return ""


def _hours(begin: datetime, span: timedelta) -> list[datetime]:
    """The times to write below: the start, and then as many as there is room for."""
    hours = span / timedelta(hours=1)
    fitting = (step for step in _STEPS_HOURS if hours / step <= _MOST_TICKS)
    step = timedelta(hours=next(fitting, hours / _MOST_TICKS))
    # The last tenth has no room for a label.
    return [begin + step * count for count in range(int(span / step) + 1) if step * count <= span * 0.95]
