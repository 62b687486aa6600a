"""What is saved, and what is lost, is counted over all titles and by the worst rendition."""

import json
from io import StringIO

import pytest
from rich.console import Console

from bench.machine import Machine
from bench.quality_report import Found, Made, Title, as_json, tables

_MACHINE = Machine("Linux", "a processor", 2, 1024**3, 0.5, ("ffmpeg version 9",))
_GOOD = Made("720p", 1000, 97.0, 300, 95.2, 24.5, 95.8)
_AS_FIXED = Made("240p", 100, 93.0, 100, 93.0, None, None)
_TOO_POOR = Made("360p", 200, 96.0, 50, 94.25, 26.0, 95.8)


def _found(*made: Made) -> Found:
    return Found(_MACHINE, (Title("film.mp4", 10.0, 100.0, 80.0, 5.0, made),))


def test_a_rendition_is_below_the_lower_of_its_target_and_the_fixed_rate_s_vmaf() -> None:
    assert _GOOD.below == 0
    assert _AS_FIXED.below == 0
    assert _TOO_POOR.below == pytest.approx(0.75)


def test_the_ratios_are_of_all_renditions_and_the_worst_one_counts() -> None:
    found = _found(_GOOD, _AS_FIXED, _TOO_POOR)
    assert found.bytes_ratio == pytest.approx(450 / 1300)
    assert found.farthest_below == pytest.approx(0.75)
    assert found.trials_share == pytest.approx(0.05)
    assert found.cpu_ratio == pytest.approx(0.85)


def test_the_table_has_a_line_for_each_rendition() -> None:
    console = Console(file=StringIO(), width=200)
    console.print(tables(_found(_GOOD, _AS_FIXED)))
    file = console.file
    assert isinstance(file, StringIO)
    printed = file.getvalue()
    assert "film.mp4, 10 s" in printed
    assert "24.5" in printed
    assert "fixed" in printed


def test_the_json_has_every_measurement() -> None:
    document = json.loads(as_json(_found(_GOOD)))
    assert document["titles"][0]["made"][0]["target_vmaf"] == 95.2
