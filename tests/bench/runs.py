"""Runs as the stack would have recorded them."""

from fractions import Fraction

from bench.itemise import Span
from bench.title_run import Program, Step, TitleRun
from nightreel.media.planning.plan import Plan

_MIB = 1024**2


def step(
    began: float,
    ended: float,
    *programs: tuple[str, float, float],
    child_cpu: float = 0.0,
    own: float = 160,
    child: float = 0,
) -> Step:
    """`own` and `child` in MiB, programs as name, begin and end."""
    return Step(
        began=began,
        seconds=ended - began,
        cpu_seconds=0.1,
        child_cpu_seconds=child_cpu,
        peak_bytes=int(own * _MIB),
        child_peak_bytes=int(child * _MIB),
        programs=tuple(
            Program(program=name, began=start, ended=end, cpu_seconds=end - start)
            for name, start, end in programs
        ),
        parts={},
    )


def run(steps: dict[str, Step], *, ended: float) -> TitleRun:
    """A run from 0 to `ended`, whose tasks are their steps and half a second on either side."""
    tasks = tuple(
        Span(name.partition(" ")[0], each.began - 0.5, each.began + each.seconds + 0.5)
        for name, each in steps.items()
    )
    plan = Plan(
        frame_rate=Fraction(25),
        frames=250,
        gop_frames=50,
        segment_frames=150,
        video_stream=0,
        video=(),
        audio=(),
        jobs=(),
    )
    return TitleRun(queued=-1.0, began=0.0, ended=ended, tasks=tasks, steps=steps, plan=plan)
