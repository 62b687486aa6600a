from pathlib import Path

import pytest

from nightreel.errors import EncoderFailed
from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.stills.poster import poster_source, write_poster
from nightreel.media.stills.sprites import sprite_source
from nightreel.media.stills.thumbnails import thumbnail_source, write_thumbnails
from tests.media.clips import Clip
from tests.media.conftest import MakeClip
from tests.media.encoded import TIMEOUT_SECONDS, Encoded, encode_all
from tests.media.planning.test_ladder import SHIPPED
from tests.media.sources import source
from tests.media.still_pictures import light, pixels, shape

HALVES = "color=black:size=192x108:rate=25,drawbox=c=white:t=fill:enable='gte(t,10)'"


@pytest.fixture(scope="module")
def encoded(make_clip: MakeClip, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    """21.9 s that are black at first and white from 10 s on; the last keyframe is at 20 s."""
    clip = make_clip(Clip(picture=HALVES, seconds=21.88))
    return encode_all(clip, tmp_path_factory.mktemp("encoded"), binaries)


def _thumbnails(encoded: Encoded, directory: Path, binaries: Binaries, every: float) -> list[Path]:
    plan = encoded.plan.model_copy(update={"thumbnail_seconds": every})
    write_thumbnails(
        plan,
        encoded.files["108p"],
        directory,
        ffmpeg_binary=binaries.ffmpeg,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return sorted(directory.iterdir())


@pytest.mark.parametrize(
    ("every", "expected"), [(10.0, 3), (5.0, 5), (21.0, 2), (10.94, 2), (60.0, 1), (2.0, 11), (0.7, 32)]
)
def test_there_is_a_thumbnail_for_each_interval_that_begins(
    encoded: Encoded, binaries: Binaries, tmp_path: Path, every: float, expected: int
) -> None:
    made = _thumbnails(encoded, tmp_path, binaries, every)
    assert [path.name for path in made] == [f"thumb_{number:03d}.jpg" for number in range(expected)]


def test_a_thumbnail_shows_the_moment_that_it_stands_for(
    encoded: Encoded, binaries: Binaries, tmp_path: Path
) -> None:
    made = _thumbnails(encoded, tmp_path, binaries, 4.0)
    assert [light(path) > 128 for path in made] == [False, False, False, True, True, True]
    assert shape(made[0]) == (192, 108)


@pytest.mark.parametrize(
    ("colour", "expected"), [("red", (255, 0, 0)), ("0x00ff00", (0, 255, 0)), ("0x336699", (51, 102, 153))]
)
def test_a_thumbnail_has_the_colours_of_the_picture(
    colour: str, expected: tuple[int, int, int], make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    clip = make_clip(Clip(picture=f"color={colour}:size=192x108:rate=25", seconds=0.4))
    encoded = encode_all(clip, tmp_path, binaries)
    (tmp_path / "out").mkdir()
    (made,) = _thumbnails(encoded, tmp_path / "out", binaries, 10.0)
    assert pixels(made).mean(axis=(0, 1)) == pytest.approx(expected, abs=6)


def test_a_title_of_one_frame_has_a_thumbnail(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    short = encode_all(make_clip(Clip(seconds=0.04)), tmp_path, binaries)
    (tmp_path / "out").mkdir()
    (made,) = _thumbnails(short, tmp_path / "out", binaries, 10.0)
    assert made.name == "thumb_000.jpg"


@pytest.mark.parametrize(
    ("size", "sprites", "thumbnails", "poster"),
    [
        ((3840, 2160), "240p", "360p", "1080p"),
        ((1920, 1080), "240p", "360p", "1080p"),
        ((640, 360), "240p", "360p", "360p"),
        ((200, 100), "100p", "100p", "100p"),
        ((1080, 1920), "240p", "360p", "1080p"),
    ],
)
def test_small_pictures_are_cut_from_small_renditions_and_the_poster_from_1080p_or_the_best_below(
    size: tuple[int, int], sprites: str, thumbnails: str, poster: str
) -> None:
    plan = build_plan(source(size), SHIPPED, PlanOptions(codecs=("h264", "hevc", "av1")))
    chosen = (sprite_source(plan).name, thumbnail_source(plan).name, poster_source(plan).name)
    assert chosen == (sprites, thumbnails, poster)


def test_a_rendition_that_is_missing_is_an_error(
    encoded: Encoded, binaries: Binaries, tmp_path: Path
) -> None:
    with pytest.raises(EncoderFailed, match="No such file"):
        write_thumbnails(
            encoded.plan,
            tmp_path / "gone.mp4",
            tmp_path,
            ffmpeg_binary=binaries.ffmpeg,
            timeout_seconds=TIMEOUT_SECONDS,
        )
    with pytest.raises(EncoderFailed, match="No such file"):
        write_poster(
            tmp_path / "gone.mp4", tmp_path, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS
        )
