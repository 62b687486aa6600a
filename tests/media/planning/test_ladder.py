from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import ConfigurationError
from nightreel.media.planning.ladder import Ladder, Rung, load_ladder
from nightreel.places import PROJECT_ROOT

SHIPPED = load_ladder(PROJECT_ROOT / "config" / "ladder.yaml")

ladders = st.lists(st.integers(2, 2160).map(lambda half: 2 * half), min_size=1, max_size=8, unique=True).map(
    lambda heights: Ladder(
        rungs=tuple(
            Rung(height=height, video_bps=10_000 + height * 1000, audio_bps=128_000)
            for height in sorted(heights)
        )
    )
)


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return path


def test_the_shipped_ladder_has_the_seven_rungs() -> None:
    assert [(rung.name, rung.video_bps // 1000, rung.audio_bps // 1000) for rung in SHIPPED.rungs] == [
        ("240p", 500, 96),
        ("360p", 800, 128),
        ("480p", 1400, 128),
        ("720p", 2800, 192),
        ("1080p", 5000, 192),
        ("1440p", 8000, 256),
        ("2160p", 16000, 256),
    ]


def test_a_missing_ladder_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml.*NIGHTREEL_LADDER"):
        load_ladder(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("rungs: [", "expected"),
        ("", "valid dictionary"),
        ("rungs: []", "at least 1"),
        ("rungs: [{height: 240, video_bps: 500000}]", "audio_bps"),
        ("rungs: [{height: 240, video_bps: much, audio_bps: 96000}]", "video_bps"),
        ("rungs: [{height: 240, video_bps: 500000, audio_bps: 96000, preset: quick}]", "preset"),
        ("rungs: [{height: 240, video_bps: 500000, audio_bps: 96000, hight: 1}]", "hight"),
        (
            "rungs: [{height: 240, video_bps: 500000, audio_bps: 96000, maxrate_factor: 1.7}]",
            "maxrate_factor",
        ),
        (
            "rungs: [{height: 480, video_bps: 500000, audio_bps: 96000},"
            " {height: 240, video_bps: 600000, audio_bps: 96000}]",
            "240p follows 480p",
        ),
        ("rungs: [{height: 241, video_bps: 500000, audio_bps: 96000}]", "multiple of 2"),
    ],
)
def test_a_wrong_ladder_names_the_file_and_the_fault(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_ladder(_written(tmp_path, text))
    assert "mine.yaml" in str(caught.value)
    assert fault in str(caught.value)


def test_bytes_that_are_no_text_are_a_fault_of_the_ladder_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"rungs: \xff\xfe")
    with pytest.raises(ConfigurationError, match=r"mine\.yaml"):
        load_ladder(path)


@given(ladders, st.integers(2, 8000))
def test_no_source_is_upscaled(ladder: Ladder, height: int) -> None:
    assert all(rung.height <= height for rung in ladder.for_height(height))


@given(ladders, st.integers(2, 8000))
def test_every_source_has_rungs_of_even_heights_that_rise(ladder: Ladder, height: int) -> None:
    rungs = ladder.for_height(height)
    assert rungs
    assert all(rung.height % 2 == 0 for rung in rungs)
    for lower, higher in pairwise(rungs):
        assert lower.height < higher.height
        assert lower.video_bps < higher.video_bps


@given(ladders, st.integers(2, 8000))
def test_no_name_is_used_twice(ladder: Ladder, height: int) -> None:
    names = [rung.name for rung in ladder.for_height(height)]
    assert len(set(names)) == len(names)


@given(ladders, st.integers(2, 8000))
def test_the_best_rung_loses_at_most_a_tenth_of_the_lines_unless_the_ladder_ends(
    ladder: Ladder, height: int
) -> None:
    best = ladder.for_height(height)[-1]
    assert best.height == ladder.rungs[-1].height or best.height * 1.1 >= height - 1


def test_a_source_below_the_lowest_rung_has_one_of_its_own_size() -> None:
    (only,) = SHIPPED.for_height(145)
    assert (only.name, only.height) == ("144p", 144)
    assert only.video_bps < SHIPPED.rungs[0].video_bps


def test_a_source_between_two_rungs_has_one_of_its_own_size_with_a_rate_between_theirs() -> None:
    names = {rung.name: rung.video_bps for rung in SHIPPED.for_height(600)}
    assert list(names) == ["240p", "360p", "480p", "600p"]
    assert 1_400_000 < names["600p"] < 2_800_000


def test_a_ladder_can_be_narrowed_by_name() -> None:
    assert [rung.name for rung in SHIPPED.only(("720p", "240p")).rungs] == ["240p", "720p"]


def test_a_name_that_is_no_rung_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"no rung 999p; the rungs are 240p, 360p.*2160p"):
        SHIPPED.only(("240p", "999p"))


def test_narrowing_to_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        SHIPPED.only(())
