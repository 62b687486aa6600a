"""The poster is a frame that one would choose: neither black, nor a fade, nor a card with a few letters."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nightreel.media.programs.binaries import Binaries
from nightreel.media.stills.poster import write_poster
from tests.media.clips import Clip
from tests.media.conftest import MakeClip
from tests.media.encoded import TIMEOUT_SECONDS, encode_all
from tests.media.still_pictures import light, pixels, shape

MakePoster = Callable[[str, float], Path]


@pytest.fixture
def poster_of(make_clip: MakeClip, binaries: Binaries, tmp_path: Path) -> MakePoster:
    """The poster of a picture that lasts some seconds."""

    def make(picture: str, seconds: float) -> Path:
        encoded = encode_all(make_clip(Clip(picture=picture, seconds=seconds)), tmp_path, binaries)
        write_poster(
            encoded.files["108p"], tmp_path, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS
        )
        return tmp_path / "poster.jpg"

    return make


def _scene(filters: str) -> str:
    return f"testsrc2=size=192x108:rate=25,{filters}"


def test_a_title_that_is_mostly_black_gets_a_poster_of_the_rest(poster_of: MakePoster) -> None:
    black = "drawbox=c=black:t=fill:enable='lt(t,14)+gte(t,17)'"
    assert light(poster_of(_scene(black), 30)) > 60


def test_a_title_that_is_mostly_white_gets_a_poster_of_the_rest(poster_of: MakePoster) -> None:
    white = "drawbox=c=white:t=fill:enable='lt(t,14)+gte(t,17)'"
    assert light(poster_of(_scene(white), 30)) < 200


def test_a_picture_that_is_faded_is_not_chosen(poster_of: MakePoster) -> None:
    # At every keyframe but that of 14 s, the scene is dimmed to a quarter.
    dimmed = "eq=brightness=-0.05:contrast=0.3:enable='lt(t,13)+gte(t,15)'"
    assert pixels(poster_of(_scene(dimmed), 20)).std() > 60


def test_a_card_with_a_few_letters_is_not_chosen(poster_of: MakePoster) -> None:
    # A box as large as a line of text, on grey; only the keyframe of 4 s shows the scene.
    card = "drawbox=c=gray:t=fill:enable='lt(t,3)+gte(t,5)',drawbox=x=60:y=50:w=70:h=10:c=white:t=fill"
    poster = pixels(poster_of(_scene(card), 20))
    assert abs(poster[:40].astype(int) - 128).mean() > 30


def test_a_title_of_one_frame_has_a_poster_of_its_own_size(poster_of: MakePoster) -> None:
    poster = poster_of(_scene("null"), 0.04)
    assert shape(poster) == (192, 108)
    assert light(poster) > 60


def test_a_title_that_is_black_throughout_has_a_poster_all_the_same(poster_of: MakePoster) -> None:
    assert light(poster_of(_scene("drawbox=c=black:t=fill"), 5)) < 10
