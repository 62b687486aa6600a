"""First releases on a stack of their own, and what the whole stack took for one."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.cpu_items import CpuItem, items_of, items_of_stack
from bench.processors import cpu_by_program, since
from bench.title_run import TitleRun, add, convert
from nightreel.cli.deployment import embedded
from nightreel.deployment import Deployment
from nightreel.local.home import Home
from nightreel.local.stack import Stack
from nightreel.settings import load_settings
from nightreel.vocabulary.title import Title

_COPY = "NIGHTREEL_COPY_PICTURES"
_NORMALISE = "NIGHTREEL_NORMALISE_LOUDNESS"
_SETTLE_SECONDS = 20.0
"""The services finish what they begin with."""
_IDLE_SECONDS = 20.0


@dataclass(frozen=True)
class FirstRun:
    """A first release. `stack` is the processor time of each of the stack's programs from before the run
    was queued to after its end; `idle` what each of them takes in a second without any run."""

    run: TitleRun
    stack: Mapping[str, float]
    idle: Mapping[str, float]

    @property
    def cpu_seconds(self) -> float:
        """Of everything, also of what the stack would have taken without the run."""
        return sum(self.stack.values())

    @property
    def idle_seconds(self) -> float:
        """Processor time that the stack would have taken for as long without the run."""
        return sum(self.idle.values()) * self.run.seconds_since_queued

    def items(self) -> list[CpuItem]:
        """Where the processor time went."""
        return [*items_of(self.run.steps), *items_of_stack([self.run.steps], self.stack)]


@contextmanager
def warm_stack(
    home: Home,
    say: Callable[[str], None],
    warm_up: tuple[Title, Path],
    *,
    copy: bool,
    copy_sounds: bool = False,
) -> Iterator[Deployment]:
    """The stack for the length of a block, warm and quiet at its beginning.

    `copy`: whether pictures are copied; `copy_sounds`: whether sounds are too, their loudness left alone.
    `warm_up` is a title that has no release yet, and its file: Airflow
    does a lot once, at the first task after its start, that is no cost of any title.
    """
    os.environ[_COPY] = str(copy)
    os.environ[_NORMALISE] = str(not copy_sounds)
    stack = Stack(home, options=load_settings())
    with stack.running(say):
        place = embedded(stack)
        add(place, *warm_up)
        convert(place, warm_up[0], first=True)
        time.sleep(_SETTLE_SECONDS)
        yield place


def first_release(home: Home, place: Deployment, title: Title, source: Path) -> FirstRun:
    """Adds a title that has no release yet, and makes its first one. Raises RunFailed as `convert` does."""
    add(place, title, source)
    idle = idle_cpu(home)
    began = cpu_by_program(home)
    run = convert(place, title, first=True)
    return FirstRun(run, since(began, cpu_by_program(home)), idle)


def idle_cpu(home: Home) -> dict[str, float]:
    """Processor time of each of the stack's programs in a second; nothing must run meanwhile."""
    before = cpu_by_program(home)
    time.sleep(_IDLE_SECONDS)
    return {name: seconds / _IDLE_SECONDS for name, seconds in since(before, cpu_by_program(home)).items()}
