"""The figures of a benchmark, and what they should be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.cost import Cost
from bench.itemise import KINDS, Kind
from bench.title_run import TitleRun

WALL_AT_MOST = 1.05
SEQUENCE_AT_MOST = 0.85
CPU_AT_MOST = 1.08
OWN_WALL_AT_MOST = 0.80
OTHER_SECONDS_AT_MOST = 6.0

NOT_FFMPEG: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "ffmpeg")
NO_PROGRAM: tuple[Kind, ...] = tuple(kind for kind in NOT_FFMPEG if kind != "tools")

_NOISE_BYTES = 4 * 1024**2
_NOISE_SHARE = 0.03
"""Peaks of equal runs differ, because the allocator and x264's threads never behave the same twice."""


@dataclass(frozen=True)
class Spread:
    """The least, the median and the greatest of repeated measurements."""

    least: float
    middle: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        return cls(min(values), median(values), max(values))


@dataclass(frozen=True)
class StackRun:
    """A run, and the processor time in seconds of each of the stack's programs from before it to after it."""

    run: TitleRun
    stack: Mapping[str, float]

    @property
    def cpu_seconds(self) -> float:
        """Of everything: tasks and their programs, Airflow, database, bucket."""
        return sum(self.stack.values())


@dataclass(frozen=True)
class Round:
    """The same title through the stack, at the ladder's rates and at its own, and by FFmpeg alone.

    FFmpeg makes what the first of them makes: all renditions in one process, or one after the other.
    """

    fixed: StackRun
    own: StackRun
    one_process: Cost
    one_each: Cost

    @property
    def wall_ratio(self) -> float:
        """Time that the run took, relative to one FFmpeg."""
        return self.fixed.run.seconds / self.one_process.wall_seconds

    @property
    def sequence_ratio(self) -> float:
        """The same, relative to FFmpeg called once per rendition."""
        return self.fixed.run.seconds / self.one_each.wall_seconds

    @property
    def cpu_ratio(self) -> float:
        """Processor time of everything, relative to one FFmpeg's."""
        return self.fixed.cpu_seconds / self.one_process.cpu_seconds

    @property
    def own_wall_ratio(self) -> float:
        """Time of the run at the title's own rates, relative to one FFmpeg at the ladder's."""
        return self.own.run.seconds / self.one_process.wall_seconds


def seconds_spent(run: TitleRun, *kinds: Kind) -> float:
    """Seconds that the run spent on these kinds, over all tasks."""
    return sum(item.sum(*kinds) for item in run.items())


def typical(runs: Sequence[TitleRun]) -> TitleRun:
    """The run with the median of seconds without FFmpeg and packager: its items add up."""
    ranked = sorted(runs, key=lambda run: seconds_spent(run, *NO_PROGRAM))
    return ranked[(len(ranked) - 1) // 2]


@dataclass(frozen=True)
class Peak:
    """The greatest resident memory, in bytes, of one process in a short and in a long title."""

    short: int
    long: int

    @property
    def grows(self) -> bool:
        """Whether the long title took more than the difference between equal runs."""
        return self.long > self.short * (1 + _NOISE_SHARE) + _NOISE_BYTES


@dataclass(frozen=True)
class StepMemory:
    """A step's Python process, and its largest child; None if it had none.

    A child's figure starts with what the Python process had when it started the child: on Linux, a
    process keeps its peak when it becomes another program.
    """

    step: str
    own: Peak
    child: Peak | None

    @property
    def grows(self) -> bool:
        """Whether the step, or a program that it starts, needs more for a longer title."""
        return self.own.grows or (self.child is not None and self.child.grows)


def memory_of(short: Sequence[TitleRun], long: TitleRun) -> list[StepMemory]:
    """Compares the highest peaks of the short runs with those of the long one, step by step."""
    found = []
    for name, step in sorted(long.steps.items(), key=lambda each: each[1].began):
        shorter = [run.steps[name] for run in short]
        found.append(
            StepMemory(
                name,
                Peak(max(each.peak_bytes for each in shorter), step.peak_bytes),
                Peak(max(each.child_peak_bytes for each in shorter), step.child_peak_bytes)
                if step.programs
                else None,
            )
        )
    return found


@dataclass(frozen=True)
class Circumstances:
    """The circumstances of the figures. `load` is the machine's load average when the bench began."""

    machine: str
    cores: int
    load: float
    ffmpeg: str
    title_seconds: float
    presets: tuple[str, ...]
    renditions: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """Everything that one bench measured. `long_seconds` is the length of the title for `memory`."""

    circumstances: Circumstances
    rounds: tuple[Round, ...]
    memory: tuple[StepMemory, ...] = ()
    long_seconds: float = 0.0
