from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from pathlib import Path
from tempfile import TemporaryDirectory

import m3u8
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.media.cues import Cue, read_cues, write_cues
from nightreel.media.packaging.webvtt import (
    MOST_CARRIED,
    cut_to_carry,
    package_subtitles,
    weight_of,
)
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.renditions import TextRendition
from tests.media.own_grids import SECONDS, own_grids
from tests.media.planning.test_ladder import SHIPPED
from tests.media.sources import source

_TRACK = TextRendition(name="subs_en", label="English", language="en", stream=2)

_lines = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="<>&\u2028\u2029"),
    min_size=1,
    max_size=20,
).filter(str.strip)
_cues = st.lists(
    st.builds(
        lambda start, lasts, lines, settings: Cue(start, start + lasts, "\n".join(lines), settings),
        st.integers(0, 70_000),
        st.integers(1, 30_000),
        st.lists(_lines, min_size=1, max_size=3),
        st.sampled_from(["", "line:0"]),
    ),
    max_size=12,
)
_even_plans = st.builds(
    lambda rate, seconds, segment: build_plan(
        source((192, 108), rate=rate, duration=seconds), SHIPPED, PlanOptions(segment_seconds=segment)
    ),
    st.sampled_from([Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)]),
    st.floats(min_value=0.05, max_value=60),
    st.sampled_from([2.0, 4.5, 6.0]),
)
_uneven_plans = own_grids().map(
    lambda own: build_plan(source((192, 108), duration=float(SECONDS)), SHIPPED, PlanOptions(), own)
)
_plans = _even_plans | _uneven_plans


def _segmented(plan: Plan, cues: list[Cue], directory: Path) -> tuple[m3u8.M3U8, list[list[Cue]]]:
    write_cues(directory / "encoded.vtt", cues)
    package_subtitles(plan, _TRACK, directory / "encoded.vtt", directory)
    playlist = m3u8.loads((directory / "subs_en.m3u8").read_text())
    return playlist, [read_cues(directory / segment.uri) for segment in playlist.segments]


def _as_far_as_shown(plan: Plan, cues: list[Cue]) -> list[Cue]:
    end = floor(plan.frames / plan.frame_rate * 1000)
    return [replace(cue, end=min(cue.end, end)) for cue in cues if cue.start < end]


@settings(max_examples=60)
@given(_plans, _cues)
@pytest.mark.rule("RFC 3.5")
def test_every_segment_has_the_cues_shown_in_it_once_and_with_their_own_times(
    plan: Plan, cues: list[Cue]
) -> None:
    shown = _as_far_as_shown(plan, cues)
    with TemporaryDirectory() as directory:
        _, segments = _segmented(plan, cues, Path(directory))
        assert read_cues(Path(directory, "subs_en.vtt")) == shown
    borders = [start * 1000 for start in plan.grid.segment_starts]
    for found, (start, end) in zip(segments, pairwise((*borders, plan.duration * 1000)), strict=True):
        assert found == [cue for cue in shown if cue.start < end and cue.end > start]


@settings(max_examples=40)
@given(_plans)
@pytest.mark.rule("5.5")
def test_the_playlist_spans_the_whole_title_on_the_grid_of_the_picture(plan: Plan) -> None:
    with TemporaryDirectory() as directory:
        playlist, segments = _segmented(plan, [Cue(0, 500, "Hello")], Path(directory))
    durations = [segment.duration for segment in playlist.segments]
    assert durations == pytest.approx([float(each) for each in plan.grid.segment_durations], abs=1e-6)
    assert len(segments) == plan.segments
    # RFC 8216, 4.3.3.1: each rounded duration is at most the target.
    assert all(round(seconds) <= playlist.target_duration for seconds in durations)
    # The same target as the picture's and the sound's, also of a title shorter than a segment.
    assert playlist.target_duration == ceil(plan.segment_duration)
    assert playlist.playlist_type == "vod"
    assert playlist.is_endlist


@pytest.mark.rule("5.3")
def test_every_segment_maps_its_times_to_those_of_the_media(tmp_path: Path) -> None:
    plan = build_plan(source(duration=13.0), SHIPPED, PlanOptions())
    playlist, _ = _segmented(plan, [], tmp_path)
    # RFC 8216, 3.5.
    for segment in playlist.segments:
        header = (tmp_path / segment.uri).read_text().splitlines()[:2]
        assert header == ["WEBVTT", "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"]
    assert [segment.uri for segment in playlist.segments] == [f"subs_en_00{n}.vtt" for n in range(3)]


def test_beside_a_transport_stream_there_is_no_whole_track_for_dash(tmp_path: Path) -> None:
    for container in ("cmaf", "ts"):
        (directory := tmp_path / container).mkdir()
        plan = build_plan(source(duration=2.0), SHIPPED, PlanOptions(container=container))
        write_cues(directory / "encoded.vtt", [])
        package_subtitles(plan, _TRACK, directory / "encoded.vtt", directory)
        assert (directory / "subs_en_000.vtt").exists()
        assert (directory / "subs_en.vtt").exists() == (container == "cmaf")


def test_a_cue_over_a_border_is_in_both_segments(tmp_path: Path) -> None:
    plan = build_plan(source(duration=12.0), SHIPPED, PlanOptions())
    cue = Cue(5_900, 6_100, "Across", "line:0")
    _, segments = _segmented(plan, [cue], tmp_path)
    assert segments == [[cue], [cue]]


def test_what_is_shown_over_many_segments_is_cut_where_they_would_carry_too_much(tmp_path: Path) -> None:
    plan = build_plan(source(duration=120.0), SHIPPED, PlanOptions())
    cues = [Cue(0, 120_000, f"All the while {number}") for number in range(1_000)]
    write_cues(tmp_path / "encoded.vtt", cues)
    _, (told,) = package_subtitles(plan, _TRACK, tmp_path / "encoded.vtt", tmp_path)
    assert told.startswith("Subtitles English: ")
    sizes = [(tmp_path / f"subs_en_{number:03}.vtt").stat().st_size for number in range(plan.segments)]
    assert all(size < 2 * MOST_CARRIED for size in sizes[1:])
    kept = read_cues(tmp_path / "subs_en.vtt")
    assert [cue.text for cue in kept] == [cue.text for cue in cues]
    # Those that came last go on to the end; the others end with the first segment.
    cut = sum(cue.end == 6_000 for cue in kept)
    assert [cue.end for cue in kept] == [6_000] * cut + [120_000] * (1_000 - cut)
    assert f"{cut} of 1000" in told


def test_texts_after_the_end_of_the_title_are_told(tmp_path: Path) -> None:
    plan = build_plan(source(duration=8.0), SHIPPED, PlanOptions())
    cues = [Cue(0, 1_000, "Here"), Cue(7_990, 30_000, "To the end"), Cue(8_000, 9_000, "After it")]
    write_cues(tmp_path / "encoded.vtt", cues)
    _, (told,) = package_subtitles(plan, _TRACK, tmp_path / "encoded.vtt", tmp_path)
    assert told.startswith("Subtitles English: 1 of 3 texts begin after the end of the title")
    assert [cue.text for cue in read_cues(tmp_path / "subs_en.vtt")] == ["Here", "To the end"]


def test_a_text_over_the_whole_film_is_no_reason_to_cut(tmp_path: Path) -> None:
    plan = build_plan(source(duration=600.0), SHIPPED, PlanOptions())
    write_cues(tmp_path / "encoded.vtt", [Cue(0, 600_000, f"Mark {number}") for number in range(20)])
    assert package_subtitles(plan, _TRACK, tmp_path / "encoded.vtt", tmp_path)[1] == ()


@settings(max_examples=40)
@given(_plans, _cues, st.integers(0, 300))
def test_whatever_is_cut_no_segment_carries_more_than_may_be_and_none_lacks_what_begins_in_it(
    plan: Plan, cues: list[Cue], most: int
) -> None:
    cues.sort(key=lambda cue: cue.start)
    borders = [start * 1000 for start in plan.grid.segment_starts[1:]]
    kept = cut_to_carry(cues, plan, most)
    assert [replace(cue, end=0) for cue in kept] == [replace(cue, end=0) for cue in cues]
    for before, after in zip(cues, kept, strict=True):
        assert after.end == before.end or any(abs(after.end - border) < 1 for border in borders)
        assert after.start < after.end <= before.end
    for border in borders:
        carried = [cue for cue in kept if cue.start < floor(border) and cue.end > border]
        assert sum(weight_of(cue) for cue in carried) <= most


def test_a_cue_that_ends_at_a_border_is_not_in_the_next_segment(tmp_path: Path) -> None:
    plan = build_plan(source(duration=12.0), SHIPPED, PlanOptions())
    before, after = Cue(5_000, 6_000, "Before"), Cue(6_000, 7_000, "After")
    _, segments = _segmented(plan, [before, after], tmp_path)
    assert segments == [[before], [after]]


def test_segments_follow_each_other_without_a_gap(tmp_path: Path) -> None:
    plan = build_plan(source(rate=Fraction(30000, 1001), duration=3600.0), SHIPPED, PlanOptions())
    cues = [Cue(second * 1000, second * 1000 + 1000, str(second)) for second in range(3600)]
    _, segments = _segmented(plan, cues, tmp_path)
    for earlier, later in pairwise(segments):
        assert earlier[-1].text == later[0].text or int(later[0].text) == int(earlier[-1].text) + 1
    assert {cue.text for found in segments for cue in found} == {str(second) for second in range(3600)}
