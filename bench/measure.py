"""The bench itself: a separate stack, the title, and the commands in turn."""

import os
import platform
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.commands import one_each, one_process
from bench.cost import Cost, run_in_sequence
from bench.figures import Circumstances, Figures, Pair, memory_of
from bench.set_up import copy_for, set_up, temporary_home, title_file
from bench.suspended_stack import standing_still
from bench.title_run import TitleRun, add, convert
from nightreel.cli.deployment import embedded
from nightreel.deployment import Deployment
from nightreel.local.interruption import every_ending_is_an_interrupt
from nightreel.local.stack import Stack
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries, find_binaries
from nightreel.media.programs.sandbox import Sandbox
from nightreel.settings import load_settings
from nightreel.vocabulary.media import Preset
from nightreel.vocabulary.title import Title

Stage = Callable[[str], AbstractContextManager[None]]
"""Shows, for the length of a block, what is being measured."""

_TITLE = Title("movie", "1")
_LONG_TITLE = Title("movie", "2")


@dataclass(frozen=True)
class Request:
    """What to measure. `source` None is the demo's generated 1080p title.

    `seconds` is the length to which the source is cut or repeated; None leaves it as it is. `preset`
    overrides the ladder's. For the comparison of memory, the title is made `longer` times as long; 1
    skips that comparison.
    """

    pairs: int
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
    # Nightreel's own measurement, which people who type FFmpeg do not make.
    os.environ.setdefault("NIGHTREEL_MEASURE_QUALITY", "false")
    options = load_settings()
    binaries = find_binaries(options.ffmpeg, options.ffprobe, options.packager)
    with every_ending_is_an_interrupt(), temporary_home() as home:
        source = title_file(request.source, request.seconds, home.root.parent, binaries.ffmpeg, say)
        stack = Stack(home, options=options)
        with stack.running(say):
            bench = _Bench(stack, embedded(stack), source, binaries.ffmpeg, stage)
            pairs = bench.pairs(request.pairs)
            plan = pairs[0].run.plan
            long = bench.longer_run(plan.duration * request.longer) if request.longer > 1 else None
    return Figures(
        _circumstances(plan, binaries, load),
        pairs,
        tuple(memory_of([pair.run for pair in pairs], long)) if long else (),
        long.plan.duration if long else 0.0,
    )


@dataclass(frozen=True)
class _Bench:
    stack: Stack
    place: Deployment
    source: Path
    ffmpeg: str
    stage: Stage

    def pairs(self, count: int) -> tuple[Pair, ...]:
        add(self.place, _TITLE, self.source)
        return tuple(self._pair(f"{number} of {count}") for number in range(1, count + 1))

    def longer_run(self, seconds: float) -> TitleRun:
        longer = self.source.with_name("longer.mp4")
        copy_for(self.source, longer, seconds, self.ffmpeg)
        add(self.place, _LONG_TITLE, longer)
        with self.stage(f"{seconds:.0f} s of the title through the stack"):
            return convert(self.place, _LONG_TITLE)

    def _pair(self, number: str) -> Pair:
        with self.stage(f"{number}: the title through the stack"):
            run = convert(self.place, _TITLE)
        with standing_still(self.stack.home):
            with self.stage(f"{number}: one FFmpeg that makes all renditions"):
                together = self._alone(
                    lambda folder: [one_process(run.plan, self.source, folder, self.ffmpeg)]
                )
            with self.stage(f"{number}: one FFmpeg per rendition, in sequence"):
                each = self._alone(lambda folder: one_each(run.plan, self.source, folder, self.ffmpeg))
        # If the stack is running, this waits until it is healthy again.
        self.stack.up()
        return Pair(run, together, each)

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
