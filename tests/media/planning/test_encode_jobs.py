"""Which renditions share an FFmpeg, and what is left of a job when some of them are not wanted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.planning.encode_jobs import encode_jobs, encode_tasks, narrowed, with_copy_of
from nightreel.media.renditions import AudioRendition, EncodeJob
from tests.media.planning.test_first_release import SIZES, picture

_SOUND = AudioRendition(name="audio_en", label="English", language="en", stream=1, audio_bps=128_000)
_LADDER = tuple(map(picture, SIZES))


def _labels(jobs: tuple[EncodeJob, ...]) -> list[str]:
    return [job.label for job in jobs]


@pytest.mark.parametrize(
    ("spread", "labels"),
    [
        (1, ["2160p 1080p 720p 480p 360p 240p"]),
        (2, ["2160p", "1080p 720p 480p 360p 240p"]),
        (3, ["2160p", "1080p", "720p 480p 360p 240p"]),
        (9, ["2160p", "1080p", "720p", "480p", "360p", "240p"]),
    ],
)
def test_pictures_share_as_few_decodes_as_may_run_at_once_and_the_slowest_is_first(
    spread: int, labels: list[str]
) -> None:
    assert _labels(encode_jobs(_LADDER, [_SOUND], 100, spread)) == [*labels, "audio en"]


@given(st.lists(st.sampled_from(SIZES), min_size=2, unique=True), st.integers(2, 8))
def test_no_job_has_more_to_do_than_the_others_but_for_one_picture(lines: list[int], spread: int) -> None:
    pictures = {item.name: item for item in map(picture, lines)}
    jobs = encode_jobs(list(pictures.values()), [], 100, spread)
    sizes = [[pictures[name].pixels for name in job.renditions] for job in jobs]
    assert len(jobs) == min(spread, len(lines))
    assert all(sum(one) - min(one) <= sum(other) for one in sizes for other in sizes)


def test_each_codec_has_jobs_of_its_own_and_the_slower_ones_begin() -> None:
    video = (*_LADDER[:2], *(picture(lines, codec="hevc") for lines in SIZES[:2]))
    assert _labels(encode_jobs(video, [], 100, 1)) == ["hevc 360p 240p", "360p 240p"]


def test_sounds_and_subtitles_are_made_in_the_slot_of_the_first_pictures_and_before_them() -> None:
    tasks = encode_tasks(encode_jobs(_LADDER[:3], [_SOUND], 100, 2))
    assert [task.label for task in tasks] == ["480p, audio en", "360p 240p"]
    assert tasks[0].renditions == ("audio_en", "480p")


def test_what_has_no_pictures_left_to_make_still_has_a_task() -> None:
    tasks = encode_tasks(narrowed(encode_jobs(_LADDER, [_SOUND], 100, 1), {"audio_en"}))
    assert [task.label for task in tasks] == ["audio en"]


def test_a_title_with_many_sounds_has_a_task_whose_name_is_short_enough_for_airflow() -> None:
    sounds = [_SOUND.model_copy(update={"name": f"audio_en_{number}"}) for number in range(50)]
    (task,) = encode_tasks(encode_jobs(_LADDER, sounds, 100, 1))
    assert task.label.startswith("2160p 1080p 720p 480p 360p 240p, audio en 0, audio en 1, ")
    assert len(task.label) <= 250


def test_a_job_is_narrowed_to_what_is_wanted_of_it_or_left_out() -> None:
    jobs = encode_jobs(_LADDER, [_SOUND], 100, 2)
    assert _labels(narrowed(jobs, {"720p", "240p"})) == ["720p 240p"]


def test_a_copied_picture_has_a_job_of_its_own_which_is_the_first() -> None:
    jobs = encode_jobs(_LADDER[:3], [_SOUND], 100, 1)
    assert _labels(with_copy_of(jobs, "480p", "476p")) == ["476p", "360p 240p", "audio en"]
