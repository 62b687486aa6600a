"""The figures as tables for people, and as JSON for programs."""

import json
from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.figures import (
    CPU_AT_MOST,
    NO_PROGRAM,
    NOT_FFMPEG,
    OTHER_SECONDS_AT_MOST,
    OWN_WALL_AT_MOST,
    SEQUENCE_AT_MOST,
    WALL_AT_MOST,
    Figures,
    Peak,
    Spread,
    StackRun,
    StepMemory,
    seconds_spent,
    typical,
)
from bench.itemise import Kind
from bench.title_run import TitleRun

_COLUMNS: tuple[tuple[Kind, str], ...] = (
    ("wait", "waiting for it"),
    ("task", "starting, ending"),
    ("work", "its Python"),
    ("tools", "packager, ffprobe"),
    ("ffmpeg", "FFmpeg"),
)
_MIB = 1024**2


def tables(figures: Figures) -> RenderableType:
    """Everything for people to read."""
    return Group(*_sections(figures))


def as_json(figures: Figures) -> str:
    """Every measurement, and the figures derived from them. Seconds and bytes."""
    return json.dumps(_document(figures), indent=2)


def _sections(figures: Figures) -> Iterator[RenderableType]:
    about = figures.circumstances
    yield Text(
        f"\n{about.title_seconds:g} s as {', '.join(about.renditions)}, preset {', '.join(about.presets)}; "
        f"{about.cores} cores, load {about.load:.1f} at the start; {about.ffmpeg}",
        style="dim",
    )
    yield _ratios(figures)
    yield _measurements(figures)
    yield _items(figures)
    if figures.memory:
        yield _memory(figures)


def _ratios(figures: Figures) -> Table:
    rounds = figures.rounds
    runs = [each.fixed.run for each in rounds]
    table = _table("Against FFmpeg alone", "", "least", "median", "greatest", "expected", "")
    rows: tuple[tuple[str, list[float], float | None], ...] = (
        (
            "wall time of the title ÷ one FFmpeg that makes all renditions",
            [each.wall_ratio for each in rounds],
            WALL_AT_MOST,
        ),
        (
            "wall time of the title ÷ one FFmpeg per rendition in sequence",
            [each.sequence_ratio for each in rounds],
            SEQUENCE_AT_MOST,
        ),
        ("CPU of everything ÷ the one FFmpeg's", [each.cpu_ratio for each in rounds], CPU_AT_MOST),
        (
            "wall time at the title's own quality ÷ that one FFmpeg",
            [each.own_wall_ratio for each in rounds],
            OWN_WALL_AT_MOST,
        ),
        (
            "seconds of the title's run without FFmpeg or packager",
            [seconds_spent(run, *NO_PROGRAM) for run in runs],
            OTHER_SECONDS_AT_MOST,
        ),
        (
            "the same, and those of packager and ffprobe",
            [seconds_spent(run, *NOT_FFMPEG) for run in runs],
            None,
        ),
    )
    for name, values, limit in rows:
        spread = Spread.of(values)
        cells = (f"{value:.2f}" for value in (spread.least, spread.middle, spread.greatest))
        expected = "" if limit is None else f"≤ {limit:.2f}"
        table.add_row(name, *cells, expected, "" if limit is None else _verdict(spread.middle <= limit))
    return table


def _measurements(figures: Figures) -> Table:
    rounds = figures.rounds
    names = [str(number) for number in range(1, len(rounds) + 1)]
    table = _table("Each round, in seconds", "", *names)
    rows = {
        "at the ladder's rates: run, start to end": [each.fixed.run.seconds for each in rounds],
        "at the ladder's rates: run, queued to end": [each.fixed.run.seconds_since_queued for each in rounds],
        "at the ladder's rates: CPU of all encoding": [
            each.fixed.run.encoding_cpu_seconds for each in rounds
        ],
        "at the ladder's rates: CPU of everything": [each.fixed.cpu_seconds for each in rounds],
        "at its own: run, start to end": [each.own.run.seconds for each in rounds],
        "at its own: CPU of all encoding": [each.own.run.encoding_cpu_seconds for each in rounds],
        "at its own: CPU of everything": [each.own.cpu_seconds for each in rounds],
        "one process: wall": [each.one_process.wall_seconds for each in rounds],
        "one process: CPU": [each.one_process.cpu_seconds for each in rounds],
        "in sequence: wall": [each.one_each.wall_seconds for each in rounds],
        "in sequence: CPU": [each.one_each.cpu_seconds for each in rounds],
    }
    for name, values in rows.items():
        table.add_row(name, *(f"{value:.1f}" for value in values))
    return table


def _items(figures: Figures) -> Table:
    run = typical([each.fixed.run for each in figures.rounds])
    columns = [name for _, name in _COLUMNS]
    table = _table("Where the seconds of the typical run went", "task", *columns, "without programs")
    for item in run.items():
        table.add_row(
            item.task,
            *(_blank_zero(item.seconds[kind]) for kind, _ in _COLUMNS),
            f"{item.sum(*NO_PROGRAM):.2f}",
        )
    table.add_section()
    sums = (f"{seconds_spent(run, kind):.2f}" for kind, _ in _COLUMNS)
    table.add_row(f"{run.seconds:.2f} s in all", *sums, f"{seconds_spent(run, *NO_PROGRAM):.2f}")
    return table


def _memory(figures: Figures) -> Table:
    short, long = f"{figures.circumstances.title_seconds:.0f} s", f"{figures.long_seconds:.0f} s"
    table = _table(
        "Peak memory, in MiB, by the length of the title",
        *("step", f"Python, {short}", f"Python, {long}", f"child, {short}", f"child, {long}", "grows"),
    )
    for each in figures.memory:
        table.add_row(each.step, *_python_cells(each.own), *_child_cells(each), _growth(each))
    return table


def _python_cells(peak: Peak) -> tuple[str, str]:
    return f"{peak.short / _MIB:.0f}", f"{peak.long / _MIB:.0f}"


def _child_cells(memory: StepMemory) -> tuple[str, str]:
    if memory.child is None:
        return "", ""
    pairs = (memory.child.short, memory.own.short), (memory.child.long, memory.own.long)
    short, long = ("" if child > own else "≤ " for child, own in pairs)
    return f"{short}{memory.child.short / _MIB:.0f}", f"{long}{memory.child.long / _MIB:.0f}"


def _growth(memory: StepMemory) -> Text:
    return Text("yes", style="red") if memory.grows else Text("no", style="green")


def _verdict(met: bool) -> Text:
    return Text("met", style="green") if met else Text("not met", style="red")


def _blank_zero(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds >= 0.005 else ""


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _document(figures: Figures) -> dict[str, Any]:
    rounds = figures.rounds
    runs = [each.fixed.run for each in rounds]
    return {
        "circumstances": vars(figures.circumstances),
        "wall_ratio": vars(Spread.of([each.wall_ratio for each in rounds])),
        "sequence_ratio": vars(Spread.of([each.sequence_ratio for each in rounds])),
        "cpu_ratio": vars(Spread.of([each.cpu_ratio for each in rounds])),
        "own_wall_ratio": vars(Spread.of([each.own_wall_ratio for each in rounds])),
        "seconds_without_programs": vars(Spread.of([seconds_spent(run, *NO_PROGRAM) for run in runs])),
        "seconds_without_ffmpeg": vars(Spread.of([seconds_spent(run, *NOT_FFMPEG) for run in runs])),
        "expected": {
            "wall_ratio": WALL_AT_MOST,
            "sequence_ratio": SEQUENCE_AT_MOST,
            "cpu_ratio": CPU_AT_MOST,
            "own_wall_ratio": OWN_WALL_AT_MOST,
            "seconds_without_programs": OTHER_SECONDS_AT_MOST,
        },
        "rounds": [
            {
                "fixed": _stack_document(each.fixed),
                "own": _stack_document(each.own),
                "one_process": vars(each.one_process),
                "one_each": vars(each.one_each),
            }
            for each in rounds
        ],
        "long_seconds": figures.long_seconds,
        "memory": [
            {
                "step": each.step,
                "own": vars(each.own),
                "child": vars(each.child) if each.child else None,
                "grows": each.grows,
            }
            for each in figures.memory
        ],
    }


def _stack_document(measured: StackRun) -> dict[str, Any]:
    return {**_run_document(measured.run), "stack_cpu_seconds": dict(measured.stack)}


def _run_document(run: TitleRun) -> dict[str, Any]:
    return {
        "seconds": run.seconds,
        "seconds_since_queued": run.seconds_since_queued,
        "encoding_cpu_seconds": run.encoding_cpu_seconds,
        "items": {item.task: dict(item.seconds) for item in run.items()},
        "steps": {name: step.model_dump(mode="json") for name, step in run.steps.items()},
    }
