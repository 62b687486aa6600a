"""What each title's own quality saves, as a table for people and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.machine import Machine

BYTES_AT_MOST = 0.40
TRIALS_AT_MOST = 0.05
TARGET = 95.0
BELOW_AT_MOST = 0.5


@dataclass(frozen=True)
class Made:
    """A rendition at the ladder's rate, and at the title's own: bytes, and VMAF of the whole title.

    `crf` is None where it gets the ladder's rate; `expected` None where nothing was tried.
    """

    name: str
    fixed_bytes: int
    fixed_vmaf: float
    target_bytes: int
    target_vmaf: float
    crf: float | None
    expected: float | None

    @property
    def below(self) -> float:
        """Points of VMAF by which it misses the target, or the fixed rate's VMAF if that is lower."""
        return max(0.0, min(TARGET, self.fixed_vmaf) - self.target_vmaf)


@dataclass(frozen=True)
class Title:
    """Seconds, CPU seconds of both encodes and of the trials, and the renditions."""

    name: str
    seconds: float
    fixed_cpu: float
    target_cpu: float
    trials_cpu: float
    made: tuple[Made, ...]

    @property
    def bytes_ratio(self) -> float:
        """Bytes of all renditions, own ÷ fixed."""
        return sum(each.target_bytes for each in self.made) / sum(each.fixed_bytes for each in self.made)


@dataclass(frozen=True)
class Found:
    """Everything that was measured."""

    machine: Machine
    titles: tuple[Title, ...]

    @property
    def bytes_ratio(self) -> float:
        """Bytes of all titles, own ÷ fixed."""
        made = [each for title in self.titles for each in title.made]
        return sum(each.target_bytes for each in made) / sum(each.fixed_bytes for each in made)

    @property
    def trials_share(self) -> float:
        """CPU of the trials ÷ that of the encodes at the ladder's rates."""
        return sum(title.trials_cpu for title in self.titles) / sum(title.fixed_cpu for title in self.titles)

    @property
    def cpu_ratio(self) -> float:
        """CPU of trials and encodes ÷ that of the encodes at the ladder's rates."""
        own = sum(title.target_cpu + title.trials_cpu for title in self.titles)
        return own / sum(title.fixed_cpu for title in self.titles)

    @property
    def farthest_below(self) -> float:
        """Points."""
        return max(each.below for title in self.titles for each in title.made)


def tables(found: Found) -> RenderableType:
    """The ratios, the renditions, the machine."""
    return Group(_ratios(found), Text(), _renditions(found.titles), Text(), Text(str(found.machine)))


def _ratios(found: Found) -> Table:
    table = Table("", "measured", "at most")
    rows = (
        ("bytes of all renditions, own quality ÷ fixed rates", found.bytes_ratio, BYTES_AT_MOST),
        ("VMAF below min(that of the fixed rate, 95)", found.farthest_below, BELOW_AT_MOST),
        ("CPU of the trials ÷ encode at fixed rates", found.trials_share, TRIALS_AT_MOST),
    )
    for what, value, most in rows:
        table.add_row(what, f"{value:.3f}", f"{most:.2f}", style="" if value <= most else "red")
    table.add_row("CPU of trials and encode ÷ encode at fixed rates", f"{found.cpu_ratio:.3f}", "")
    return table


def _renditions(titles: Sequence[Title]) -> Table:
    table = Table(
        "title", "rendition", "fixed kb/s", "own kb/s", "÷", "fixed VMAF", "own VMAF", "expected", "CRF"
    )
    for title in titles:
        for row in _rows(title):
            table.add_row(*row)
        table.add_section()
    return table


def _rows(title: Title) -> Iterator[tuple[str, ...]]:
    for number, each in enumerate(title.made):
        yield (
            f"{title.name}, {title.seconds:.0f} s" if number == 0 else "",
            each.name,
            f"{each.fixed_bytes * 8 / title.seconds / 1000:.0f}",
            f"{each.target_bytes * 8 / title.seconds / 1000:.0f}",
            f"{each.target_bytes / each.fixed_bytes:.2f}",
            f"{each.fixed_vmaf:.1f}",
            f"{each.target_vmaf:.1f}",
            "" if each.expected is None else f"{each.expected:.1f}",
            "fixed" if each.crf is None else f"{each.crf:g}",
        )
    yield "", "all", "", "", f"{title.bytes_ratio:.2f}", "", "", "", ""


def as_json(found: Found) -> str:
    """Every measurement."""
    return json.dumps(asdict(found), indent=2)
