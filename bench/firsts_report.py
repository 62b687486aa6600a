"""A night of first releases, itemised for each title, and what it says of a whole catalog."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.cpu_items import MAKING, OUTSIDE, SERVICE, CpuItem, items_of, items_of_stack
from bench.figures import Spread
from bench.first_report import run_document
from bench.first_runs import FirstRun
from bench.machine import Machine
from bench.title_run import Step
from nightreel.local.programs import OBJECT_STORE
from nightreel.runs.steps import Step as Task

CATALOG_TITLES = 50_000
CATALOG_SECONDS = 45 * 60.0
_DAY_SECONDS = 86_400.0

_AIRFLOW = "Airflow: starting and ending tasks, claim, cleanup"
_BY_TASK = {
    Task.FETCH: "bucket down",
    Task.PLAN: "inspect and plan",
    Task.PACKAGE: "manifests, poster and sprites",
    Task.VALIDATE: "gate",
    Task.UPLOAD: "bucket up",
    Task.PUBLISH: "publish and read back",
}
_BY_PART = {
    "stills": "stills",
    "packaging": "packager",
    "gate": "gate",
    "digests": "digests",
    "upload": "bucket up",
}


@dataclass(frozen=True)
class Ended:
    """A title of the night: its length in seconds, when it was published, and its steps."""

    seconds: float
    published: float
    steps: Mapping[str, Step]

    @property
    def seconds_to_publish(self) -> float:
        """From the start of its first step, which is after `claim`."""
        return self.published - min(step.began for step in self.steps.values())


@dataclass(frozen=True)
class NightCost:
    """A night's first pass. `began` in seconds since the epoch; `stack` is its processor time by program."""

    began: float
    titles: tuple[Ended, ...]
    stack: Mapping[str, float]

    @property
    def wall_seconds(self) -> float:
        """From its start to the last title's end."""
        return max(title.published for title in self.titles) - self.began

    @property
    def title_seconds(self) -> float:
        """The mean length of its titles."""
        return sum(title.seconds for title in self.titles) / len(self.titles)


@dataclass(frozen=True)
class Line:
    """A kind of work: seconds of processor time for a title of the night, the middle one and the long one."""

    work: str
    short: float
    middle: float
    long: float
    fixed: float
    per_minute: float

    @property
    def in_catalog(self) -> float:
        """For a title of the catalog to think of."""
        return self.fixed + self.per_minute * CATALOG_SECONDS / 60


@dataclass(frozen=True)
class Found:
    """Everything that was measured. `film_bps` is the rate of the film in bits per second; `idle` what each
    program takes in a second without any run. `middle` and `long` are titles that ran by themselves."""

    machine: Machine
    film_bps: float
    middle: FirstRun
    long: FirstRun
    night: NightCost
    idle: Mapping[str, float]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Each kind of work: what it costs for every title, and in addition for every minute of film.

        What Airflow and its database take is that of the night's titles, whatever their length: their tasks
        are as many. All else is on the line through the middle and the long title.
        """
        count = len(self.night.titles)
        short = {work: seconds / count for work, seconds in self._work_of_night().items()}
        return tuple(self._line(work, short[work]) for work in short)

    def _line(self, work: str, short: float) -> Line:
        middle, long = (works.get(work, 0.0) for works in self._works_alone)
        if (work in self.night.stack and work != OBJECT_STORE) or work == _AIRFLOW:
            return Line(work, short, middle, long, fixed=short, per_minute=0.0)
        minutes = (self.long.run.plan.duration - self.middle.run.plan.duration) / 60
        # A shorter title costs no more; where it seems so, others were in its way.
        slope = max(0.0, (long - middle) / minutes) if minutes > 0 else 0.0
        fixed = max(0.0, long - slope * self.long.run.plan.duration / 60)
        return Line(work, short, middle, long, fixed, slope)

    def _work_of_night(self) -> dict[str, float]:
        steps = [title.steps for title in self.night.titles]
        stack = self._beyond_idle(self.night.stack, self.idle, self.night.wall_seconds)
        return _by_work([item for each in steps for item in items_of(each)] + items_of_stack(steps, stack))

    @cached_property
    def _works_alone(self) -> tuple[dict[str, float], dict[str, float]]:
        return self._work_of(self.middle), self._work_of(self.long)

    def _work_of(self, first: FirstRun) -> dict[str, float]:
        run = first.run
        stack = self._beyond_idle(first.stack, first.idle, run.seconds_since_queued)
        return _by_work([*items_of(run.steps), *items_of_stack([run.steps], stack)])

    @staticmethod
    def _beyond_idle(
        stack: Mapping[str, float], idle: Mapping[str, float], seconds: float
    ) -> dict[str, float]:
        return {name: max(0.0, taken - idle.get(name, 0.0) * seconds) for name, taken in stack.items()}

    @property
    def idle_share(self) -> float:
        """Of all cores, what the stack takes without any title."""
        return sum(self.idle.values()) / self.machine.cores

    @property
    def busy_share(self) -> float:
        """Of all cores, what the whole stack took during the night."""
        return sum(self.night.stack.values()) / self.night.wall_seconds / self.machine.cores

    @property
    def titles_per_hour(self) -> float:
        """Of the night."""
        return len(self.night.titles) / self.night.wall_seconds * 3600

    @property
    def catalog_cpu_seconds(self) -> float:
        """Processor time of all first releases of the catalog."""
        return CATALOG_TITLES * sum(line.in_catalog for line in self.lines)

    @property
    def catalog_days(self) -> tuple[float, float]:
        """Days on this machine: if no core ever waited, and with cores as busy as in the night."""
        cores = self.machine.cores * _DAY_SECONDS
        own = self.busy_share - self.idle_share
        return (
            self.catalog_cpu_seconds / (cores * (1 - self.idle_share)),
            self.catalog_cpu_seconds / (cores * own),
        )


def _by_work(items: list[CpuItem]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for item in items:
        found[_work(item)] += item.cpu_seconds
    return dict(found)


def _work(item: CpuItem) -> str:
    task = item.task.partition(" ")[0]
    if item.task == SERVICE:
        return _AIRFLOW if item.what == OUTSIDE else item.what
    if task != Task.TRANSCODE:
        return _BY_TASK.get(Task(task), task)
    if (part := item.what.partition(":")[0]) in _BY_PART:
        return _BY_PART[part]
    kind = "sound" if " audio " in item.task else "picture"
    return f"{kind}: FFmpeg" if item.what == MAKING else f"{kind}: Python of its task"


def tables(found: Found) -> RenderableType:
    """Everything for people to read."""
    return Group(*_sections(found))


def _sections(found: Found) -> Iterator[RenderableType]:
    night, (full, observed) = found.night, found.catalog_days
    yield Text(f"\n{found.machine}", style="dim")
    spread = Spread.of([title.seconds_to_publish for title in night.titles])
    yield Text(
        f"{len(night.titles)} titles of {night.title_seconds:.1f} s, cut from a film of "
        f"{found.film_bps / 1e6:.2f} Mb/s, in {night.wall_seconds:.0f} s: "
        f"{found.titles_per_hour:.0f} an hour; from a title's first step until it was published "
        f"{spread.least:.1f} to {spread.greatest:.1f} s, median {spread.middle:.1f} s; cores busy "
        f"{found.busy_share:.0%}, {found.idle_share:.1%} of it without any title"
    )
    yield _lines(found)
    yield Text(
        f"{CATALOG_TITLES:,} titles of {CATALOG_SECONDS / 60:.0f} minutes: "
        f"{found.catalog_cpu_seconds / 3600:.0f} hours of processor time; {full:.1f} days on "
        f"{found.machine.cores} cores that never wait, {observed:.1f} days as busy as in this night"
    )


def _lines(found: Found) -> Table:
    table = Table(title="CPU of a title, in seconds", title_justify="left", title_style="bold")
    table.add_column("work")
    columns = (
        f"title of {found.night.title_seconds:.0f} s",
        *(f"title of {alone.run.plan.duration:.0f} s" for alone in (found.middle, found.long)),
        "for every title",
        "for a minute of film",
        f"title of {CATALOG_SECONDS / 60:.0f} min",
    )
    for name in columns:
        table.add_column(name, justify="right")
    for line in found.lines:
        table.add_row(line.work, *(f"{value:.2f}" for value in _values(line)))
    table.add_section()
    sums = [sum(column) for column in zip(*map(_values, found.lines), strict=True)]
    table.add_row("in all", *(f"{value:.2f}" for value in sums))
    return table


def _values(line: Line) -> tuple[float, ...]:
    return line.short, line.middle, line.long, line.fixed, line.per_minute, line.in_catalog


def as_json(found: Found) -> str:
    """Every measurement, in seconds."""
    night, (full, observed) = found.night, found.catalog_days
    document = {
        "machine": vars(found.machine),
        "film_bps": found.film_bps,
        "titles": len(night.titles),
        "title_seconds": night.title_seconds,
        "wall_seconds": night.wall_seconds,
        "titles_per_hour": found.titles_per_hour,
        "stack_cpu_seconds": dict(night.stack),
        "idle_cpu_per_second": dict(found.idle),
        "work": [{**vars(line), "in_catalog": line.in_catalog} for line in found.lines],
        "catalog": {
            "titles": CATALOG_TITLES,
            "title_seconds": CATALOG_SECONDS,
            "cpu_seconds": found.catalog_cpu_seconds,
            "days_if_no_core_waits": full,
            "days_as_busy_as_here": observed,
        },
        "middle": run_document(found.middle),
        "long": run_document(found.long),
        "steps": [
            {name: step.model_dump(mode="json") for name, step in title.steps.items()}
            for title in night.titles
        ],
    }
    return json.dumps(document, indent=2)
