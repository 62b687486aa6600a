"""A night against a shell loop, as tables for people and as JSON for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.cost import Cost
from bench.machine import Machine

EQUAL_AT_MOST = 0.95
OWN_AT_MOST = 0.60
CLIPS_AT_MOST = 3.0

_LISTED = 20


@dataclass(frozen=True)
class Ended:
    """A title of a night. Seconds from the night's start: when it began to play, and when it was complete."""

    content_id: str
    duration_seconds: float
    height: int
    playing: float
    complete: float


@dataclass(frozen=True)
class Night:
    """A night whose titles are all complete, and the CPU seconds of the whole stack for it."""

    titles: tuple[Ended, ...]
    cpu_seconds: float

    @property
    def wall_seconds(self) -> float:
        """From its start until the last title was complete."""
        return max(title.complete for title in self.titles)

    @property
    def playing_seconds(self) -> float:
        """From its start until every title could be played."""
        return max(title.playing for title in self.titles)


@dataclass(frozen=True)
class Found:
    """`equal` encodes everything once, as the loop does; None if that was not measured."""

    machine: Machine
    loop: Cost
    equal: Night | None
    own: Night

    def ratios(self, *, clips: bool) -> Iterator[tuple[str, float, float]]:
        """What, the ratio, and what it should be at most."""
        if self.equal is not None:
            yield (
                "wall of a night that encodes as the loop does ÷ the loop",
                self.equal.wall_seconds / self.loop.wall_seconds,
                CLIPS_AT_MOST if clips else EQUAL_AT_MOST,
            )
        yield (
            "wall of a night as Nightreel is shipped ÷ the loop",
            self.own.wall_seconds / self.loop.wall_seconds,
            CLIPS_AT_MOST if clips else OWN_AT_MOST,
        )


def tables(found: Found, clips: bool) -> RenderableType:
    """Everything for people to read."""
    return Group(*_sections(found, clips=clips))


def _sections(found: Found, *, clips: bool) -> Iterator[RenderableType]:
    yield Text(f"\n{found.machine}", style="dim")
    ratios = Table("what", "measured", "at most", title="Ratios", title_justify="left", title_style="bold")
    for what, ratio, most in found.ratios(clips=clips):
        ratios.add_row(what, f"{ratio:.2f}", f"{most:.2f}", style="" if ratio <= most else "red")
    yield ratios
    yield _seconds(found)
    if len(found.own.titles) <= _LISTED:
        yield _titles(found.own)


def _seconds(found: Found) -> Table:
    table = Table(title="Seconds", title_justify="left", title_style="bold")
    table.add_column("")
    for name in ("wall", "wall of a title", "all play after", "CPU", "CPU of a title", "cores busy"):
        table.add_column(name, justify="right")
    count = len(found.own.titles)
    loop = found.loop
    rows: list[tuple[str, float, float | None, float]] = [
        ("the loop", loop.wall_seconds, None, loop.cpu_seconds)
    ]
    nights = (("a night that encodes as the loop does", found.equal), ("a night as it is shipped", found.own))
    rows += [
        (name, night.wall_seconds, night.playing_seconds, night.cpu_seconds)
        for name, night in nights
        if night is not None
    ]
    for name, wall, playing, cpu in rows:
        table.add_row(
            name,
            f"{wall:.1f}",
            f"{wall / count:.1f}",
            "" if playing is None else f"{playing:.1f}",
            f"{cpu:.1f}",
            f"{cpu / count:.1f}",
            f"{cpu / wall / found.machine.cores:.0%}",
        )
    return table


def _titles(night: Night) -> Table:
    table = Table(
        title="Titles of the night as it is shipped, in the order in which they were complete",
        title_justify="left",
        title_style="bold",
    )
    for name in ("title", "its seconds", "lines", "plays after", "complete after"):
        table.add_column(name, justify="right")
    for title in sorted(night.titles, key=lambda title: title.complete):
        table.add_row(
            title.content_id,
            f"{title.duration_seconds:.1f}",
            str(title.height),
            f"{title.playing:.1f}",
            f"{title.complete:.1f}",
        )
    return table


def as_json(found: Found) -> str:
    """Every measurement, in seconds."""
    return json.dumps(asdict(found), indent=2)
