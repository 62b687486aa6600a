"""What first releases cost, as tables for people and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.cost import Cost
from bench.cpu_items import CpuItem
from bench.figures import Spread
from bench.first_runs import FirstRun
from bench.machine import Machine
from nightreel.media.planning.plan import Plan

COPIED_CPU_AT_MOST = 0.05
ALL_COPIED_CPU_AT_MOST = 0.025
COPIED_WALL_AT_MOST = 0.12
ENCODED_AT_MOST = 0.40

_SHOWN_SECONDS = 0.005


@dataclass(frozen=True)
class Round:
    """First releases by copying, the full ladder by one FFmpeg, and a first release by encoding.

    `all_copied` has the source's own sound too.
    """

    copied: FirstRun
    all_copied: FirstRun
    one_process: Cost
    encoded: FirstRun

    def cpu_ratio(self, first: FirstRun) -> float:
        """Processor time of the whole stack, relative to FFmpeg alone."""
        return first.cpu_seconds / self.one_process.cpu_seconds

    def wall_ratio(self, first: FirstRun) -> float:
        """Time from the claim until it is published, relative to FFmpeg alone."""
        return first.run.seconds_to_publish / self.one_process.wall_seconds


@dataclass(frozen=True)
class Found:
    """Everything that was measured. `command` is the one FFmpeg, `plan` the full ladder that it makes."""

    machine: Machine
    film: str
    film_bytes: int
    plan: Plan
    command: str
    rounds: tuple[Round, ...]

    def ratios(self) -> Iterator[tuple[str, list[float], float]]:
        """What, its ratio in each round, and what the median should be at most."""
        rounds = self.rounds
        yield (
            "picture copied: CPU of everything ÷ one FFmpeg that makes all renditions",
            [each.cpu_ratio(each.copied) for each in rounds],
            COPIED_CPU_AT_MOST,
        )
        yield (
            "picture and sound copied: CPU of everything ÷ that process's",
            [each.cpu_ratio(each.all_copied) for each in rounds],
            ALL_COPIED_CPU_AT_MOST,
        )
        yield (
            "picture copied: wall from claim to published ÷ the same process's",
            [each.wall_ratio(each.copied) for each in rounds],
            COPIED_WALL_AT_MOST,
        )
        yield (
            "one rendition encoded: CPU of everything ÷ that process's",
            [each.cpu_ratio(each.encoded) for each in rounds],
            ENCODED_AT_MOST,
        )
        yield (
            "one rendition encoded: wall from claim to published ÷ that process's",
            [each.wall_ratio(each.encoded) for each in rounds],
            ENCODED_AT_MOST,
        )


def typical(runs: Sequence[FirstRun]) -> FirstRun:
    """The one with the median of processor time: its items add up."""
    return sorted(runs, key=lambda run: run.cpu_seconds)[(len(runs) - 1) // 2]


def tables(found: Found) -> RenderableType:
    """Everything for people to read."""
    plan, seconds = found.plan, found.plan.duration
    rate = found.film_bytes * 8 / seconds / 1e6
    return Group(
        Text(f"\n{found.machine}", style="dim"),
        Text(
            f"{found.film}: {seconds:g} s at {rate:.2f} Mb/s; all renditions: "
            f"{', '.join(item.name for item in plan.renditions)}\n{found.command}",
            style="dim",
        ),
        _ratios(found),
        _rounds(found),
        cpu_table(
            "CPU of the typical first release, the picture copied",
            typical([each.copied for each in found.rounds]).items(),
        ),
        cpu_table(
            "CPU of the typical first release, picture and sound copied",
            typical([each.all_copied for each in found.rounds]).items(),
        ),
        cpu_table(
            "CPU of the typical first release, one rendition encoded",
            typical([each.encoded for each in found.rounds]).items(),
        ),
        wall_table(typical([each.copied for each in found.rounds])),
    )


def _ratios(found: Found) -> Table:
    table = _table("First release, everything counted", "", "least", "median", "greatest", "expected", "")
    for name, values, limit in found.ratios():
        spread = Spread.of(values)
        cells = (f"{value:.3f}" for value in (spread.least, spread.middle, spread.greatest))
        met = spread.middle <= limit
        verdict = Text("met", style="green") if met else Text("not met", style="red")
        table.add_row(name, *cells, f"≤ {limit:g}", verdict)
    return table


def _rounds(found: Found) -> Table:
    rounds = found.rounds
    table = _table("Each round, in seconds", "", *(str(number) for number in range(1, len(rounds) + 1)))
    rows = {
        "copied: claim to published": [each.copied.run.seconds_to_publish for each in rounds],
        "copied: queued to end": [each.copied.run.seconds_since_queued for each in rounds],
        "copied: CPU": [each.copied.cpu_seconds for each in rounds],
        "copied: of it, an idle stack's for as long": [each.copied.idle_seconds for each in rounds],
        "all copied: claim to published": [each.all_copied.run.seconds_to_publish for each in rounds],
        "all copied: CPU": [each.all_copied.cpu_seconds for each in rounds],
        "one process: wall": [each.one_process.wall_seconds for each in rounds],
        "one process: CPU": [each.one_process.cpu_seconds for each in rounds],
        "encoded: claim to published": [each.encoded.run.seconds_to_publish for each in rounds],
        "encoded: CPU": [each.encoded.cpu_seconds for each in rounds],
        "encoded: of it, an idle stack's for as long": [each.encoded.idle_seconds for each in rounds],
    }
    for name, values in rows.items():
        table.add_row(name, *(f"{value:.1f}" for value in values))
    return table


def cpu_table(title: str, items: Sequence[CpuItem]) -> Table:
    """Seconds of processor time, what took none left out."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in ("task", "what"):
        table.add_column(name)
    table.add_column("CPU, s", justify="right")
    before = ""
    for item in items:
        if abs(item.cpu_seconds) < _SHOWN_SECONDS:
            continue
        table.add_row("" if item.task == before else item.task, item.what, f"{item.cpu_seconds:.2f}")
        before = item.task
    table.add_section()
    table.add_row("in all", "", f"{sum(item.cpu_seconds for item in items):.2f}")
    return table


def wall_table(first: FirstRun) -> Table:
    """Where a run's seconds went, every instant counted once."""
    columns = ("waiting for it", "starting, ending", "its Python", "packager, ffprobe", "FFmpeg")
    table = _table("Where the seconds of that run went, the picture copied", "task", *columns)
    for item in first.run.items():
        kinds = (item.seconds[kind] for kind in ("wait", "task", "work", "tools", "ffmpeg"))
        table.add_row(item.task, *(f"{value:.2f}" if value >= _SHOWN_SECONDS else "" for value in kinds))
    return table


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


def as_json(found: Found) -> str:
    """Every measurement, in seconds and bytes."""
    document = {
        "machine": vars(found.machine),
        "film": {"name": found.film, "bytes": found.film_bytes, "seconds": found.plan.duration},
        "command": found.command,
        "ratios": {
            name: {**vars(Spread.of(values)), "expected": limit} for name, values, limit in found.ratios()
        },
        "rounds": [
            {
                "copied": run_document(each.copied),
                "all_copied": run_document(each.all_copied),
                "one_process": vars(each.one_process),
                "encoded": run_document(each.encoded),
            }
            for each in found.rounds
        ],
    }
    return json.dumps(document, indent=2)


def run_document(first: FirstRun) -> dict[str, Any]:
    """A first release as JSON has it."""
    return {
        "seconds_to_publish": first.run.seconds_to_publish,
        "seconds_since_queued": first.run.seconds_since_queued,
        "cpu_seconds": first.cpu_seconds,
        "idle_cpu_per_second": dict(first.idle),
        "cpu": [vars(item) for item in first.items()],
        "wall": {item.task: dict(item.seconds) for item in first.run.items()},
        "steps": {name: step.model_dump(mode="json") for name, step in first.run.steps.items()},
    }
