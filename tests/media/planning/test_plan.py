from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.planning.plan import Plan, PlanOptions, build_plan
from nightreel.media.source import SourceProbe
from tests.media.planning.test_ladder import SHIPPED
from tests.media.sources import sound, source, sources

options = st.builds(
    PlanOptions,
    segment_seconds=st.floats(min_value=2.0, max_value=6.0),
    keyframe_seconds=st.floats(min_value=0.5, max_value=2.0),
)


def _plan(described: SourceProbe, **choices: float) -> Plan:
    return build_plan(described, SHIPPED, PlanOptions(**choices))  # type: ignore[arg-type]


@given(sources)
def test_no_picture_is_upscaled_and_all_sizes_are_even(described: SourceProbe) -> None:
    width, height = described.video.display_size
    for rendition in _plan(described).video:
        assert rendition.width % 2 == rendition.height % 2 == 0
        assert rendition.width <= max(2, width)
        assert rendition.height <= max(2, height)


@given(sources)
@pytest.mark.rule("1.33")
def test_the_shape_of_the_picture_is_kept_to_within_a_pixel(described: SourceProbe) -> None:
    width, height = described.video.display_size
    for rendition in _plan(described).video:
        if width >= height:
            assert abs(rendition.width - Fraction(width * rendition.height, height)) <= 1
        else:
            assert abs(rendition.height - Fraction(height * rendition.width, width)) <= 1


@given(sources)
def test_no_title_is_faster_than_sixty_or_has_fewer_frames_a_second_than_its_fields_allow(
    described: SourceProbe,
) -> None:
    plan = _plan(described)
    assert 1 <= plan.frame_rate <= 60
    whole = _plan(source(rate=described.video.nominal_rate or Fraction(25)))
    if described.video.interlaced and whole.frame_rate <= 30:
        assert plan.frame_rate == 2 * whole.frame_rate
    else:
        assert plan.frame_rate == whole.frame_rate


@given(sources)
def test_the_picture_begins_on_the_grid_within_a_millisecond(described: SourceProbe) -> None:
    plan = _plan(described)
    frame = float(1 / plan.frame_rate)
    assert 0 <= plan.lead < frame
    off = (described.picture_start - plan.lead) % frame
    assert min(off, frame - off) <= 0.001 + 1e-9


@given(sources)
def test_the_colours_of_every_plan_are_known(described: SourceProbe) -> None:
    colour = _plan(described).colour
    assert all((colour.primaries, colour.transfer, colour.matrix))


@given(sources)
def test_a_portrait_source_stays_portrait_and_its_width_is_the_rung(described: SourceProbe) -> None:
    width, height = described.video.display_size
    for rendition in _plan(described).video:
        assert rendition.name == f"{min(rendition.width, rendition.height)}p"
        assert width < height or rendition.width >= rendition.height
        assert width >= height or rendition.width <= rendition.height


@given(sources, options)
@pytest.mark.rule("7.5", "7.6", "7.7")
def test_all_times_are_whole_frames_within_their_limits(described: SourceProbe, chosen: PlanOptions) -> None:
    plan = build_plan(described, SHIPPED, chosen)
    one_frame = 1 / float(plan.frame_rate)
    assert plan.gop_duration <= max(chosen.keyframe_seconds, one_frame) + 1e-9
    assert plan.gop_duration > chosen.keyframe_seconds - one_frame - 1e-9
    assert plan.segment_frames % plan.gop_frames == 0
    assert plan.segment_duration <= chosen.segment_seconds + 1e-9
    seconds = described.duration - plan.lead
    assert abs(plan.duration - seconds) <= max(one_frame / 2, one_frame - seconds) + 1e-6


@given(sources, options)
def test_there_are_as_many_segments_as_the_duration_needs(
    described: SourceProbe, chosen: PlanOptions
) -> None:
    plan = build_plan(described, SHIPPED, chosen)
    assert plan.segments >= 1
    assert (plan.segments - 1) * plan.segment_frames < plan.frames <= plan.segments * plan.segment_frames
    assert plan.segments == ceil(plan.frames / plan.segment_frames)


@given(sources)
def test_the_jobs_make_every_rendition_once_from_all_frames(described: SourceProbe) -> None:
    plan = _plan(described)
    made = [name for job in plan.jobs for name in job.renditions]
    assert sorted(made) == sorted(rendition.name for rendition in (*plan.video, *plan.audio))
    assert len(set(made)) == len(made)
    assert all((job.start_frame, job.end_frame) == (0, plan.frames) for job in plan.jobs)
    assert len({job.label for job in plan.jobs}) == len(plan.jobs)


@given(sources)
def test_a_plan_survives_being_written_and_read(described: SourceProbe) -> None:
    plan = _plan(described)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


@given(sources)
def test_the_same_source_has_the_same_plan(described: SourceProbe) -> None:
    assert _plan(described) == _plan(described)


@given(sources)
@pytest.mark.rule("1.32")
def test_a_player_starts_near_two_megabits(described: SourceProbe) -> None:
    plan = _plan(described)
    order = plan.video_in_playlist_order
    assert sorted(order, key=lambda item: item.video_bps) == list(plan.video)
    distances = [abs(rendition.video_bps - 2_000_000) for rendition in order]
    assert distances[0] == min(distances)


@given(sources)
def test_no_peak_is_more_than_twice_the_average(described: SourceProbe) -> None:
    for rendition in _plan(described).video:
        assert rendition.video_bps <= rendition.maxrate_bps <= 2 * rendition.video_bps


@pytest.mark.parametrize(
    ("size", "rotation", "aspect", "renditions"),
    [
        ((1920, 1080), 0, Fraction(1), ["426x240", "640x360", "854x480", "1280x720", "1920x1080"]),
        ((1080, 1920), 0, Fraction(1), ["240x426", "360x640", "480x854", "720x1280", "1080x1920"]),
        ((1080, 720), 270, Fraction(1), ["240x360", "360x540", "480x720", "720x1080"]),
        ((640, 360), 0, Fraction(2), ["854x240", "1280x360"]),
        ((720, 576), 0, Fraction(64, 45), ["426x240", "640x360", "854x480", "1024x576"]),
        ((200, 200), 0, Fraction(1), ["200x200"]),
    ],
)
def test_well_known_shapes(
    size: tuple[int, int], rotation: int, aspect: Fraction, renditions: list[str]
) -> None:
    plan = _plan(source(size, rotation=rotation, sample_aspect_ratio=aspect))
    assert [f"{rendition.width}x{rendition.height}" for rendition in plan.video] == renditions


def test_a_preset_of_the_settings_overrides_that_of_every_rung() -> None:
    plan = build_plan(source(), SHIPPED, PlanOptions(preset="ultrafast"))
    assert {rendition.preset for rendition in plan.video} == {"ultrafast"}


def test_a_name_that_is_not_planned_is_an_error() -> None:
    with pytest.raises(KeyError):
        _plan(source()).rendition("4320p")


def test_a_title_may_do_without_the_sounds_of_its_source() -> None:
    described = source(audio=(sound(1, "en"), sound(2, "fr")))
    silent = build_plan(described, SHIPPED, PlanOptions(sound=False))
    assert silent.audio == ()
    assert {job.kind for job in silent.jobs} == {"video"}
    assert silent.video == build_plan(described, SHIPPED, PlanOptions()).video


@given(sources)
@pytest.mark.rule("1.3")
def test_no_picture_needs_more_than_level_5_2(described: SourceProbe) -> None:
    plan = _plan(described)
    for rendition in plan.video:
        blocks = ceil(rendition.width / 16) * ceil(rendition.height / 16)
        # ITU-T H.264, table A-1.
        assert blocks <= 36_864
        assert blocks * plan.frame_rate <= 2_073_600
        assert max(rendition.width, rendition.height) <= 4096


@pytest.mark.parametrize(
    ("size", "best"),
    [((10240, 240), (4096, 96)), ((240, 10240), (96, 4096)), ((5120, 2160), (4096, 1728))],
)
def test_a_picture_wider_than_players_can_decode_is_made_smaller_and_told(
    size: tuple[int, int], best: tuple[int, int]
) -> None:
    plan = _plan(source(size))
    assert (plan.video[-1].width, plan.video[-1].height) == best
    (said,) = plan.warnings
    assert f"{size[0]}×{size[1]}" in said
    assert f"{best[0]}×{best[1]}" in said


def test_that_8k_ends_at_the_ladders_best_rung_is_no_warning() -> None:
    assert _plan(source((7680, 4320))).warnings == ()
