from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.inspection.changes import late_start, with_sizes_seen
from nightreel.media.inspection.integrity import decodable
from nightreel.media.inspection.probe import probe
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import VideoStream
from nightreel.vocabulary.media import DecodeCheck
from tests.media.clips import Clip, Sound, remuxed
from tests.media.conftest import MakeClip
from tests.media.encoding.test_changes import resized_webm

_PICTURE = VideoStream(index=0, codec="vp8", width=640, height=360)


@given(
    st.dictionaries(st.sampled_from(["640x360", "360x640", "320x180"]), st.integers(1, 500)),
    st.sampled_from([0, 90]),
)
def test_a_picture_of_several_sizes_has_the_usual_one_and_is_told(
    sizes: dict[str, int], rotation: int
) -> None:
    picture = _PICTURE.model_copy(update={"rotation": rotation})
    seen, said = with_sizes_seen(picture, sizes)
    if len(sizes) < 2 or "640x360" not in sizes or rotation:
        assert (seen, said) == (picture, "")
    else:
        assert sizes[f"{seen.width}x{seen.height}"] == max(sizes.values())
        assert all(size.replace("x", "×") in said for size in sizes)


def test_the_size_that_the_file_says_wins_a_draw() -> None:
    seen, _ = with_sizes_seen(_PICTURE, {"320x180": 50, "640x360": 50})
    assert (seen.width, seen.height) == (640, 360)


@pytest.mark.parametrize(("frames", "told"), [(0, False), (3, False), (4, True)])
def test_a_few_frames_that_lack_their_beginning_are_not_told(frames: int, told: bool) -> None:
    assert bool(late_start(frames, _PICTURE)) is told


@pytest.mark.parametrize("how", ["sampled", "whole"])
def test_a_picture_that_begins_between_keyframes_is_told(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path, how: DecodeCheck
) -> None:
    whole = make_clip(Clip(seconds=3, sounds=(Sound(seconds=3),), after=("-g", "25", "-bf", "0")))
    film = remuxed(
        whole,
        tmp_path / "film.mkv",
        binaries.ffmpeg,
        after=("-copyinkf", "-bsf:v", "noise=drop='lt(n,15)'"),
    )
    (said,) = decodable(probe(film, binaries.ffprobe), film, how, 0.01).warnings
    assert "its first 10 frames cannot be decoded" in said


def test_a_picture_that_changes_its_size_is_told(binaries: Binaries, tmp_path: Path) -> None:
    film = resized_webm(tmp_path, binaries)
    checked = decodable(probe(film, binaries.ffprobe), film, "sampled", 0.01)
    (said,) = checked.warnings
    assert "(160×90, 90×160 pixels)" in said
    assert (checked.video.width, checked.video.height) == (160, 90)
