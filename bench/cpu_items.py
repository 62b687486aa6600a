"""Where the processor time of a title went: by task, and within it by program and kind of work."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.processors import TASKS
from bench.title_run import Program, Step

OUTSIDE = "Airflow's tasks outside their steps"
MAKING = "FFmpeg: copying or encoding it"
SERVICE = "service"
"""The task of an item that is no task: a program of the stack."""


@dataclass(frozen=True)
class CpuItem:
    """Seconds of processor time that something took within a task."""

    task: str
    what: str
    cpu_seconds: float


def items_of(steps: Mapping[str, Step]) -> list[CpuItem]:
    """What each step took, in the order in which they began: its programs, then its own Python by part."""
    return [
        CpuItem(name, what, seconds)
        for name, step in sorted(steps.items(), key=lambda each: each[1].began)
        for what, seconds in _within(step)
    ]


def items_of_stack(steps: Sequence[Mapping[str, Step]], stack: Mapping[str, float]) -> list[CpuItem]:
    """What else the stack took while it made these titles.

    The steps lie within the processes of the tasks. What is left of these is starting and ending them,
    the tasks that record no step (claim, cleanup, notify), and those of a night.
    """
    recorded = sum(item.cpu_seconds for each in steps for item in items_of(each))
    outside = CpuItem(SERVICE, OUTSIDE, stack.get(TASKS, 0.0) - recorded)
    others = (CpuItem(SERVICE, name, seconds) for name, seconds in stack.items() if name != TASKS)
    return [outside, *sorted(others, key=lambda item: -item.cpu_seconds)]


def _within(step: Step) -> Iterator[tuple[str, float]]:
    for name, part in step.parts.items():
        yield f"{name}: programs", part.child_cpu_seconds
        yield f"{name}: Python", part.cpu_seconds
    programs = step.child_cpu_seconds - sum(part.child_cpu_seconds for part in step.parts.values())
    if step.parts:
        # Which program ran in which part is not recorded.
        yield MAKING, programs
    else:
        for name, seconds in _by_name(step.programs).items():
            yield name, seconds
            programs -= seconds
        # Those that were started in another way, and what the clock's ticks are too coarse for.
        yield "other programs", programs
    yield "Python", step.cpu_seconds - sum(part.cpu_seconds for part in step.parts.values())


def _by_name(programs: Sequence[Program]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for each in programs:
        found[_named(each.program)] += each.cpu_seconds
    return found


def _named(program: str) -> str:
    """`ffmpeg-linux-x86_64-v9.0.2` is called ffmpeg."""
    name = program.partition("-")[0]
    return "decode check, scan" if name.startswith("python") else name
