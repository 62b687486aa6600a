"""How the encoders of a job share the cores."""

import pytest

from nightreel.media.encoding.encoders import Encoder
from nightreel.media.encoding.threads import thread_options
from nightreel.vocabulary.media import VideoCodec
from tests.media.planning.test_first_release import picture

_LADDER = [picture(lines) for lines in (1080, 720, 480, 360, 240)]


def _threads(lines: int, cores: int, codec: VideoCodec = "h264", **more: str) -> list[int | None]:
    pictures = [item for item in _LADDER if item.height <= lines]
    encoders = {item.name: Encoder(codec=codec, **more) for item in pictures}  # type: ignore[arg-type]
    return [options.get("threads:v") for options in thread_options(pictures, encoders, cores).values()]


@pytest.mark.parametrize(
    ("cores", "threads"), [(1, [1, 1, 1, 1, 1]), (2, [2, 1, 1, 1, 1]), (16, [9, 4, 2, 1, 1])]
)
def test_each_has_its_share_of_the_cores_by_its_pixels_and_one_thread_at_least(
    cores: int, threads: list[int]
) -> None:
    assert _threads(1080, cores) == threads


def test_one_that_is_alone_and_those_of_other_codecs_or_of_hardware_choose_for_themselves() -> None:
    assert _threads(240, 16) == [None]
    assert set(_threads(1080, 0)) == set(_threads(1080, 16, "hevc")) == {None}
    assert set(_threads(1080, 16, family="nvenc")) == {None}
