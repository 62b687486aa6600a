"""A grid: where every track of a title has its keyframes, and where it is cut."""

from collections.abc import Callable
from fractions import Fraction
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.planning.grid import MOST_KEYFRAMES, Grid
from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.vocabulary.media import Container
from tests.media.own_grids import FRAMES, SECONDS, own_grids
from tests.media.planning.test_ladder import SHIPPED
from tests.media.sources import source, sources

RATE = Fraction(25)


def plan_on(own: Grid | None, container: Container = "cmaf") -> Plan:
    described = source(duration=float(SECONDS), rate=Fraction(25))
    return build_plan(described, SHIPPED, PlanOptions(container=container), own)


grids = st.one_of(
    own_grids().map(lambda own: plan_on(own).grid),
    sources.map(lambda described: build_plan(described, SHIPPED, PlanOptions()).grid),
)


@given(grids)
def test_gops_and_segments_both_fill_the_title(grid: Grid) -> None:
    whole = grid.frames / grid.frame_rate
    assert sum(grid.gop_durations) == sum(grid.segment_durations) == whole
    assert min(*grid.gop_durations, *grid.segment_durations, whole) > 0


@given(grids)
def test_a_segment_starts_where_the_one_before_it_ends(grid: Grid) -> None:
    seconds = Fraction(0)
    for number, (start, duration) in enumerate(zip(grid.segment_starts, grid.segment_durations, strict=True)):
        assert start == seconds == grid.first_frame(number) / grid.frame_rate
        assert duration == grid.frames_of(number) / grid.frame_rate
        seconds += duration


@given(grids)
def test_every_segment_starts_with_a_keyframe_and_none_is_lost(grid: Grid) -> None:
    segments = range(len(grid.cuts))
    assert all(grid.keyframes_of(number)[0] == 0 for number in segments)
    all_of_them = chain.from_iterable(
        (grid.first_frame(number) + frame for frame in grid.keyframes_of(number)) for number in segments
    )
    assert list(all_of_them) == list(grid.keyframes)


@given(grids)
def test_after_the_last_segment_there_is_nothing(grid: Grid) -> None:
    beyond = len(grid.cuts)
    assert grid.first_frame(beyond) == grid.frames
    assert grid.frames_of(beyond) == 0
    assert grid.keyframes_of(beyond) == ()


@given(own_grids())
@pytest.mark.rule("RFC 4.3.3.1")
def test_a_plan_on_a_sources_own_grid_has_exactly_that_and_limits_that_hold(own: Grid) -> None:
    plan = plan_on(own)
    assert plan.grid == own
    assert plan.segments == len(own.cuts)
    assert plan.gop_duration == float(max(plan.grid.gop_durations))
    assert plan.segment_duration == float(max(plan.grid.segment_durations))
    assert plan.target_duration >= plan.segment_duration
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


@given(own_grids())
def test_but_for_its_grid_such_a_plan_is_like_any_other(own: Grid) -> None:
    grid = {"gop_frames", "segment_frames", "keyframes", "cuts"}
    assert plan_on(own).model_dump(exclude=grid) == plan_on(None).model_dump(exclude=grid)


def test_a_plan_that_an_earlier_version_stored_has_an_even_grid() -> None:
    plan = plan_on(None)
    stored = plan.model_dump(mode="json", exclude={"keyframes", "cuts"})
    assert Plan.model_validate(stored).grid == plan.grid
    assert list(plan.grid.cuts) == list(range(0, FRAMES, 150))


def test_on_a_sources_own_grid_the_title_begins_with_its_picture() -> None:
    described = source(duration=float(SECONDS), rate=RATE, picture_start=0.08)
    plan = build_plan(described, SHIPPED, PlanOptions(), Grid(RATE, FRAMES, (0, 30), (0,)))
    assert plan.lead == 0.08
    assert plan.frames == FRAMES


def test_a_transport_stream_is_not_cut_on_a_sources_own_grid() -> None:
    with pytest.raises(ValueError, match="transport stream"):
        plan_on(Grid(RATE, FRAMES, (0, 30), (0,)), "ts")


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (Grid(RATE, FRAMES, (), ()), "first frame"),
        (Grid(RATE, FRAMES, (3, 30), (3,)), "first frame"),
        (Grid(RATE, FRAMES, (0, 30), (30,)), "first frame"),
        (Grid(RATE, FRAMES, (0, 30, 30), (0,)), "order"),
        (Grid(RATE, FRAMES, (0, 30, FRAMES), (0,)), "within the title"),
        (Grid(RATE, FRAMES, (0, 30), (0, 31)), "no keyframe"),
        (Grid(RATE, FRAMES, (0, 27), (0, 27)), "1.080 s would be too short"),
    ],
)
def test_a_grid_that_no_title_can_have_is_refused(own: Grid, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        plan_on(own)


@pytest.fixture
def long_plan() -> Callable[[int], Plan]:
    def planned(keyframes: int) -> Plan:
        described = source(duration=10.0 * keyframes, rate=Fraction(25))
        frames = tuple(range(0, 250 * keyframes, 250))
        return build_plan(
            described, SHIPPED, PlanOptions(), Grid(Fraction(25), 250 * keyframes, frames, frames)
        )

    return planned


def test_more_keyframes_than_a_program_can_be_told_are_refused(long_plan: Callable[[int], Plan]) -> None:
    assert long_plan(MOST_KEYFRAMES).segments == MOST_KEYFRAMES
    with pytest.raises(ValueError, match="11001 keyframes"):
        long_plan(MOST_KEYFRAMES + 1)
