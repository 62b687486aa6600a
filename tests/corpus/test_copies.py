"""Clips for the copy of pictures: what becomes of some of each kind, and the table of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.cases import Case
from corpus.copies.__main__ import LADDER
from corpus.copies.making import make
from corpus.copies.recipes import RECIPES
from corpus.copies.releases import COPIED, Copied, copy
from corpus.copies.table import markdown
from corpus.outcome import Way
from nightreel.media.programs.binaries import find_binaries

SECONDS = 2
CASE = Case("clip", Path("clip.mp4"), "a | clip", COPIED)


@pytest.mark.parametrize(
    "name", ["slices", "no_edit_list", "nearly_square", "cropped_inside", "hevc_sets_in_band", "hevc_hdr10"]
)
def test_a_clip_is_copied_without_fault_or_names_its_reason(name: str, tmp_path: Path) -> None:
    binaries = find_binaries()
    recipe = next(each for each in RECIPES if each.name == name)
    case = make(replace(recipe, seconds=SECONDS), tmp_path, binaries.ffmpeg)
    way = Way(binaries, LADDER, recipe.options)
    outcome = copy(case, way, tmp_path / "releases", lambda step: None)
    assert outcome.faults == ()
    assert outcome.as_expected, outcome.reasons


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Copied(CASE), True),
        (Copied(CASE, reasons=("It is HEVC.",)), False),
        (Copied(replace(CASE, expected="HEVC"), reasons=("It is HEVC.",)), True),
        (Copied(replace(CASE, expected="HEVC")), False),
        (Copied(CASE, faults=("its packets are others",)), False),
        (Copied(CASE, players={"hls.js": "it stopped", "shaka": ""}), False),
    ],
)
def test_the_table_says_whether_a_clip_is_as_expected(outcome: Copied, *, expected: bool) -> None:
    (row,) = [line for line in markdown([outcome]).splitlines() if line.startswith("| clip | a \\| clip")]
    assert row.endswith("| ✓ |") is expected
