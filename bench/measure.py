"""The bench itself: a separate stack, the title, and the commands in turn."""

import os
import platform
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from bench.commands import one_each, one_process
from bench.cost import Cost, run_in_sequence
from bench.figures import Circumstances, Figures, Round, StackRun, memory_of
from bench.processors import cpu_by_program, since
from bench.set_up import copy_for, set_up, temporary_home, title_file
from bench.sources import CLIPS, film
from bench.suspended_stack import standing_still
from bench.title_run import TitleRun, add, convert
from nightreel.cli.deployment import embedded
from nightreel.deployment import Deployment
from nightreel.local.interruption import every_ending_is_an_interrupt
from nightreel.local.stack import Stack
from nightreel.media.planning.ladder import Ladder, load_ladder
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.programs.sandbox import Sandbox
from nightreel.settings import load_settings
from nightreel.vocabulary.media import Preset
from nightreel.vocabulary.title import Title

Stage = Callable[[str], AbstractContextManager[None]]
"""Shows, for the length of a block, what is being measured."""

_FILM_SECONDS = 300.0
_TITLE = Title("movie", "1")
_LONG_TITLE = Title("movie", "2")


@dataclass(frozen=True)
class Request:
    """What to measure. `source` None is a film of real clips, or the demo's generated title without them.

    `seconds` is the length to which the source is cut or repeated; None leaves it as it is, and makes a film
    of five minutes. `preset` overrides the ladder's. For the comparison of memory, the title is made `longer`
    times as long; 1 skips that comparison.
    """

    rounds: int
    seconds: float | None
    source: Path | None
    preset: Preset | None
    longer: int


def measure(request: Request, say: Callable[[str], None], stage: Stage) -> Figures:
    """Measures on a separate stack, which is removed afterwards, even after an interrupt.

    Raises EncoderFailed, RunFailed, SamplesUnavailable or StackFailed.
    """
    load = os.getloadavg()[0]
    set_up(request.preset)
    options = load_settings()
    binaries = find_binaries(options.ffmpeg, options.ffprobe, options.packager)
    with every_ending_is_an_interrupt(), temporary_home() as home:
        source = _source(request, home.root.parent, binaries, say)
        ladder = home.root.parent / "ladder.yaml"
        os.environ["NIGHTREEL_LADDER"] = str(ladder)
        stack = Stack(home, options=load_settings())
        bench = _Bench(stack, source, binaries.ffmpeg, stage, load_ladder(options.ladder), ladder)
        bench.use("fixed")
        with stack.running(say):
            rounds = bench.rounds(request.rounds)
            plan = rounds[0].fixed.run.plan
            long = bench.longer_run(plan.duration * request.longer) if request.longer > 1 else None
    return Figures(
        _circumstances(plan, binaries, load),
        rounds,
        tuple(memory_of([each.fixed.run for each in rounds], long)) if long else (),
        long.plan.duration if long else 0.0,
    )


def _source(request: Request, folder: Path, binaries: Binaries, say: Callable[[str], None]) -> Path:
    """The title, in this folder."""
    if request.source is None and CLIPS.is_dir():
        made = film(request.seconds or _FILM_SECONDS, binaries.ffmpeg, say)
        return title_file(made, None, folder, binaries.ffmpeg, say)
    return title_file(request.source, request.seconds, folder, binaries.ffmpeg, say)


@dataclass(frozen=True)
class _Bench:
    """`ladder` is what the stack reads at every run, from `ladder_file`."""

    stack: Stack
    source: Path
    ffmpeg: str
    stage: Stage
    ladder: Ladder
    ladder_file: Path

    @property
    def place(self) -> Deployment:
        """While the stack is up."""
        return embedded(self.stack)

    def use(self, quality: Literal["fixed", "target"]) -> None:
        """Gives the next runs the ladder's rates, or the title's own."""
        ladder = self.ladder.model_copy(update={"quality": quality})
        self.ladder_file.write_text(yaml.safe_dump(ladder.model_dump(mode="json")))

    def rounds(self, count: int) -> tuple[Round, ...]:
        """Raises RunFailed, and EncoderFailed."""
        add(self.place, _TITLE, self.source)
        return tuple(self._round(f"{number} of {count}") for number in range(1, count + 1))

    def longer_run(self, seconds: float) -> TitleRun:
        """The title so much longer, at the ladder's rates."""
        self.use("fixed")
        longer = self.source.with_name("longer.mp4")
        copy_for(self.source, longer, seconds, self.ffmpeg)
        add(self.place, _LONG_TITLE, longer)
        with self.stage(f"{seconds:.0f} s of the title through the stack"):
            return convert(self.place, _LONG_TITLE)

    def _round(self, number: str) -> Round:
        with self.stage(f"{number}: the title through the stack, at the ladder's rates"):
            fixed = self._run("fixed")
        with standing_still(self.stack.home):
            plan = fixed.run.plan
            with self.stage(f"{number}: one FFmpeg that makes all renditions"):
                together = self._alone(lambda folder: [one_process(plan, self.source, folder, self.ffmpeg)])
            with self.stage(f"{number}: one FFmpeg per rendition, in sequence"):
                each = self._alone(lambda folder: one_each(plan, self.source, folder, self.ffmpeg))
        # If the stack is running, this waits until it is healthy again.
        self.stack.up()
        with self.stage(f"{number}: the title through the stack, at its own rates"):
            own = self._run("target")
        return Round(fixed, own, together, each)

    def _run(self, quality: Literal["fixed", "target"]) -> StackRun:
        self.use(quality)
        before = cpu_by_program(self.stack.home)
        run = convert(self.place, _TITLE)
        return StackRun(run, since(before, cpu_by_program(self.stack.home)))

    def _alone(self, commands: Callable[[Path], list[list[str]]]) -> Cost:
        with tempfile.TemporaryDirectory(dir=self.source.parent) as folder:
            sandbox = Sandbox(reads=(self.source,), writes=(Path(folder),))
            return run_in_sequence(commands(Path(folder)), sandbox)


def _circumstances(plan: Plan, binaries: Binaries, load: float) -> Circumstances:
    return Circumstances(
        machine=platform.platform(),
        cores=len(os.sched_getaffinity(0)),
        load=load,
        ffmpeg=binaries.versions()["ffmpeg"],
        title_seconds=plan.duration,
        presets=tuple(dict.fromkeys(item.preset for item in plan.video)),
        renditions=tuple(item.name for item in plan.renditions),
    )
