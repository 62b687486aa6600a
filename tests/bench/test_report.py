"""What the bench prints and writes."""

import json
from io import StringIO

import pytest
from rich.console import Console

from bench.cost import Cost
from bench.figures import Circumstances, Figures, Round, StackRun, memory_of
from bench.report import as_json, tables
from tests.bench.runs import run, step

_SHORT = run(
    {"transcode 720p": step(2.0, 12.0, ("ffmpeg-x", 3.0, 11.0), child_cpu=15.0, child=300)}, ended=14.0
)
_LONG = run(
    {"transcode 720p": step(2.0, 32.0, ("ffmpeg-x", 3.0, 31.0), child_cpu=45.0, child=500)}, ended=34.0
)


@pytest.fixture
def figures() -> Figures:
    return Figures(
        Circumstances("Linux", 2, 0.5, "ffmpeg version 9", 10.0, ("fast",), ("720p",)),
        (
            Round(
                StackRun(_SHORT, {"tasks": 16.0, "scheduler": 2.0}),
                StackRun(_SHORT, {"tasks": 8.0}),
                one_process=Cost(10.0, 10.0),
                one_each=Cost(20.0, 15.0),
            ),
        ),
        tuple(memory_of([_SHORT], _LONG)),
        30.0,
    )


def _printed(figures: Figures) -> list[str]:
    console = Console(file=StringIO(), width=400)
    console.print(tables(figures))
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue().splitlines()


def _line(lines: list[str], beginning: str) -> str:
    return next(line for line in lines if line.strip("│ ").startswith(beginning))


def test_a_ratio_above_what_is_expected_is_not_met(figures: Figures) -> None:
    cpu = _line(_printed(figures), "CPU of everything ÷")
    assert "1.80" in cpu
    assert "≤ 1.08" in cpu
    assert "not met" in cpu


def test_a_ratio_within_what_is_expected_is_met(figures: Figures) -> None:
    wall = _line(_printed(figures), "wall time of the title ÷ one FFmpeg per rendition")
    assert "0.70" in wall
    assert "not met" not in wall


def test_a_step_whose_memory_grows_is_named(figures: Figures) -> None:
    assert "yes" in _line(_printed(figures)[-5:], "transcode 720p")


def test_a_child_that_needed_less_than_its_parent_is_shown_as_at_most_that(figures: Figures) -> None:
    small = run({"plan": step(2.0, 3.0, ("ffprobe-x", 2.0, 3.0), own=160, child=160)}, ended=4.0)
    shown = Figures(figures.circumstances, figures.rounds, tuple(memory_of([small], small)), 30.0)
    assert _line(_printed(shown)[-5:], "plan").count("≤ 160") == 2


def test_the_json_has_every_measurement(figures: Figures) -> None:
    document = json.loads(as_json(figures))
    assert document["sequence_ratio"] == {"least": 0.7, "middle": 0.7, "greatest": 0.7}
    (each,) = document["rounds"]
    assert each["one_process"] == {"wall_seconds": 10.0, "cpu_seconds": 10.0}
    assert each["fixed"]["items"]["transcode"]["ffmpeg"] == 8.0
    assert each["fixed"]["steps"]["transcode 720p"]["child_cpu_seconds"] == 15.0
    assert each["own"]["stack_cpu_seconds"] == {"tasks": 8.0}
    assert document["memory"][0]["grows"] is True
