from pathlib import Path

import av
import pytest

from nightreel.errors import EncoderFailed
from nightreel.media.binaries import Binaries
from nightreel.media.plan import PlanOptions, build_plan
from nightreel.media.thumbnails import poster_source, thumbnail_source, write_poster, write_thumbnails
from tests.media.clips import Clip
from tests.media.conftest import MakeClip
from tests.media.encoding import TIMEOUT_SECONDS, Encoded, encode_all
from tests.media.sources import source
from tests.media.test_ladder import SHIPPED


@pytest.fixture(scope="module")
def encoded(make_clip: MakeClip, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    """21 s that are black for the first half and white for the second."""
    halves = "color=black:size=192x108:rate=25,drawbox=c=white:t=fill:enable='gte(t,10)'"
    return encode_all(
        make_clip(Clip(picture=halves, seconds=21)), tmp_path_factory.mktemp("encoded"), binaries
    )


def _thumbnails(encoded: Encoded, directory: Path, binaries: Binaries, every: float) -> list[Path]:
    write_thumbnails(
        encoded.files["108p"],
        directory,
        every_seconds=every,
        ffmpeg_binary=binaries.ffmpeg,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return sorted(directory.iterdir())


def _light(picture: Path) -> float:
    with av.open(str(picture)) as container:
        frame = next(container.decode(video=0))
        assert (container.streams.video[0].codec_context.name, frame.width, frame.height) == (
            "mjpeg",
            192,
            108,
        )
        return float(frame.reformat(format="gray").to_ndarray().mean())


@pytest.mark.parametrize(("every", "expected"), [(10.0, 3), (5.0, 5), (21.0, 1), (60.0, 1), (2.0, 11)])
def test_there_is_a_thumbnail_for_each_interval_that_begins(
    encoded: Encoded, binaries: Binaries, tmp_path: Path, every: float, expected: int
) -> None:
    made = _thumbnails(encoded, tmp_path, binaries, every)
    assert [path.name for path in made] == [f"thumb_{number:03d}.jpg" for number in range(expected)]


def test_a_thumbnail_shows_the_moment_that_it_stands_for(
    encoded: Encoded, binaries: Binaries, tmp_path: Path
) -> None:
    light = [_light(path) for path in _thumbnails(encoded, tmp_path, binaries, 4.0)]
    assert [level > 128 for level in light] == [False, False, False, True, True, True]


def test_a_title_of_one_frame_has_a_thumbnail_and_a_poster(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    short = encode_all(make_clip(Clip(seconds=0.04)), tmp_path, binaries)
    (tmp_path / "out").mkdir()
    (made,) = _thumbnails(short, tmp_path / "out", binaries, 10.0)
    assert made.name == "thumb_000.jpg"
    write_poster(
        short.files["108p"], tmp_path / "out", ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS
    )
    assert _light(tmp_path / "out" / "poster.jpg") > 0


def test_the_poster_is_one_picture_of_the_size_of_its_rendition(
    encoded: Encoded, binaries: Binaries, tmp_path: Path
) -> None:
    write_poster(
        encoded.files["108p"], tmp_path, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS
    )
    assert [path.name for path in tmp_path.iterdir()] == ["poster.jpg"]
    _light(tmp_path / "poster.jpg")


@pytest.mark.parametrize(
    ("size", "thumbnails", "poster"),
    [
        ((3840, 2160), "360p", "1080p"),
        ((1920, 1080), "360p", "1080p"),
        ((640, 360), "360p", "360p"),
        ((200, 100), "100p", "100p"),
        ((1080, 1920), "360p", "1080p"),
    ],
)
def test_small_pictures_are_cut_from_360p_and_the_poster_from_1080p_or_the_best_below(
    size: tuple[int, int], thumbnails: str, poster: str
) -> None:
    plan = build_plan(source(size), SHIPPED, PlanOptions())
    assert (thumbnail_source(plan).name, poster_source(plan).name) == (thumbnails, poster)


def test_a_rendition_that_is_missing_is_an_error(binaries: Binaries, tmp_path: Path) -> None:
    with pytest.raises(EncoderFailed, match="No such file"):
        write_poster(
            tmp_path / "gone.mp4", tmp_path, ffmpeg_binary=binaries.ffmpeg, timeout_seconds=TIMEOUT_SECONDS
        )
