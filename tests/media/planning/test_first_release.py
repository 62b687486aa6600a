"""What a title is published with first, of everything that it is to have."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.planning.first_release import first_release, soon_whole
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, EncodeJob, TextRendition, VideoRendition

SIZES = (240, 360, 480, 720, 1080, 2160)


def picture(lines: int, *, portrait: bool = False, codec: str = "") -> VideoRendition:
    sides = (2 * (lines * 8 // 9), lines)
    width, height = reversed(sides) if portrait else sides
    return VideoRendition(
        name=f"{codec}_{lines}p".removeprefix("_"),
        codec=codec or "h264",
        width=width,
        height=height,
        video_bps=1000 * lines,
        maxrate_bps=1100 * lines,
        preset="fast",
    )


def plan_of(*pictures: VideoRendition) -> Plan:
    others = (
        AudioRendition(name="audio_en", label="English", language="en", stream=1, audio_bps=128_000),
        TextRendition(name="subs_en", label="English", language="en", stream=2),
    )
    return Plan(
        frame_rate=Fraction(25),
        frames=100,
        gop_frames=50,
        segment_frames=100,
        video_stream=0,
        video=pictures,
        audio=others[:1],
        text=others[1:],
        jobs=tuple(
            EncodeJob(kind="video", renditions=names, start_frame=0, end_frame=100)
            for names in (tuple(item.name for item in pictures), *((item.name,) for item in others))
        ),
    )


@pytest.mark.parametrize(("most", "expected"), [(720, "720p"), (719, "480p"), (5000, "2160p"), (100, "240p")])
def test_it_has_the_best_picture_that_is_not_above_the_limit_or_else_the_lowest(
    most: int, expected: str
) -> None:
    plan = first_release(plan_of(*map(picture, SIZES)), most)
    assert [item.name for item in plan.video] == [expected]


def test_the_shorter_side_counts() -> None:
    plan = first_release(plan_of(picture(360, portrait=True), picture(720, portrait=True)), 720)
    assert [item.name for item in plan.video] == ["720p"]


def test_it_has_the_codec_that_every_player_decodes() -> None:
    plan = first_release(plan_of(picture(360), picture(720), picture(720, codec="hevc")), 720)
    assert [item.name for item in plan.video] == ["720p"]


@pytest.mark.parametrize(("seconds", "expected"), [(4.0, True), (3.9, False)])
def test_a_title_is_made_whole_at_once_if_its_pictures_are_no_more_than_so_much_1080p(
    seconds: float, expected: bool
) -> None:
    # 4 seconds of half the lines and half the columns, four times.
    quarters = [
        picture(540).model_copy(update={"name": str(n), "width": 960, "height": 540}) for n in range(4)
    ]
    assert soon_whole(plan_of(*quarters), seconds) is expected


@given(st.lists(st.sampled_from(SIZES), min_size=1, unique=True), st.integers(100, 3000))
def test_its_tracks_and_jobs_are_those_of_the_whole(lines: list[int], most: int) -> None:
    whole = plan_of(*map(picture, sorted(lines)))
    first = first_release(whole, most)
    assert (first.audio, first.text) == (whole.audio, whole.text)
    names = [item.name for item in first.renditions]
    assert [name for job in first.jobs for name in job.renditions] == names
    assert (first == whole) == (len(lines) == 1)
