"""Sprite sheets, and the cues that name their parts."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.media.planning.plan import PlanOptions, build_plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.source import SourceProbe
from nightreel.media.stills.sprites import sprite_grid, write_sprites
from tests.media.clips import Clip
from tests.media.conftest import MakeClip
from tests.media.encoded import TIMEOUT_SECONDS, Encoded, encode_all
from tests.media.planning.test_ladder import SHIPPED
from tests.media.sources import source, sources
from tests.media.still_pictures import pixels, shape

_CUE = re.compile(
    r"(\d\d):(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d):(\d\d)\.(\d{3})\n"
    r"(sprite_\d{3}\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)\n"
)


@dataclass(frozen=True)
class Cue:
    """Times in milliseconds; the rectangle as left, top, width and height."""

    start: int
    end: int
    sheet: str
    rectangle: tuple[int, ...]


def _cues(directory: Path) -> list[Cue]:
    text = (directory / "thumbnails.vtt").read_text("utf-8")
    assert text.startswith("WEBVTT\n\n")
    return [
        Cue(_milliseconds(found[1:5]), _milliseconds(found[5:9]), found[9], tuple(map(int, found[10:14])))
        for found in ((None, *match.groups()) for match in _CUE.finditer(text))
    ]


def _milliseconds(parts: tuple[str, ...]) -> int:
    hours, minutes, seconds, rest = map(int, parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def _sprites(encoded: Encoded, directory: Path, binaries: Binaries, every: float = 5.0) -> list[str]:
    write_sprites(
        encoded.plan.model_copy(update={"sprite_seconds": every}),
        encoded.pictures[0],
        directory,
        ffmpeg_binary=binaries.ffmpeg,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture(scope="module")
def encoded(make_clip: MakeClip, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Encoded:
    """61.5 s whose grey grows lighter by 4 in each second."""
    rising = "color=black:size=192x108:rate=5,geq=r='4*T':g='4*T':b='4*T'"
    clip = make_clip(Clip(picture=rising, seconds=61.4))
    return encode_all(clip, tmp_path_factory.mktemp("encoded"), binaries, PlanOptions(keyframe_seconds=1))


def test_the_cues_follow_one_another_over_the_whole_title(
    encoded: Encoded, binaries: Binaries, tmp_path: Path
) -> None:
    _sprites(encoded, tmp_path, binaries)
    cues = _cues(tmp_path)
    assert cues[0].start == 0
    assert [earlier.end for earlier in cues[:-1]] == [later.start for later in cues[1:]]
    assert {cue.end - cue.start for cue in cues[:-1]} == {5000}
    assert cues[-1].end == 61_400


def test_a_cue_shows_the_picture_of_its_start(encoded: Encoded, binaries: Binaries, tmp_path: Path) -> None:
    names = _sprites(encoded, tmp_path, binaries, 2.0)
    assert names == ["sprite_000.jpg", "sprite_001.jpg", "thumbnails.vtt"]
    sheets = {name: pixels(tmp_path / name) for name in names[:2]}
    for cue in _cues(tmp_path):
        left, top, width, height = cue.rectangle
        tile = sheets[cue.sheet][top : top + height, left : left + width]
        assert tile.shape == (90, 160, 3)
        assert float(tile[:, :, 0].mean()) == pytest.approx(4 * cue.start / 1000, abs=4)


def test_a_sheet_has_five_by_five_tiles_and_no_more_than_are_needed(
    encoded: Encoded, binaries: Binaries, tmp_path: Path
) -> None:
    for every, expected in ((2.0, (800, 450)), (5.0, (800, 270)), (20.0, (640, 90))):
        directory = tmp_path / str(every)
        directory.mkdir()
        _sprites(encoded, directory, binaries, every)
        assert shape(directory / "sprite_000.jpg") == expected


def test_a_title_of_one_frame_has_one_sheet_of_one_tile(
    make_clip: MakeClip, binaries: Binaries, tmp_path: Path
) -> None:
    short = encode_all(make_clip(Clip(seconds=0.04)), tmp_path, binaries)
    (tmp_path / "out").mkdir()
    assert _sprites(short, tmp_path / "out", binaries) == ["sprite_000.jpg", "thumbnails.vtt"]
    assert _cues(tmp_path / "out") == [Cue(0, 40, "sprite_000.jpg", (0, 0, 160, 90))]


def test_a_portrait_title_has_portrait_tiles() -> None:
    grid = sprite_grid(build_plan(source((1080, 1920)), SHIPPED, PlanOptions()))
    assert (grid.tile_width, grid.tile_height) == (90, 160)


@given(described=sources, every=st.floats(1, 60))
def test_the_tiles_of_any_title_lie_inside_their_sheets(described: SourceProbe, every: float) -> None:
    grid = sprite_grid(build_plan(described, SHIPPED, PlanOptions(sprite_seconds=every)))
    tiles = [grid.address(tile) for tile in range(min(grid.tiles, 60))]
    assert len(set(tiles)) == len(tiles)
    for tile in tiles:
        left, top, width, height = map(int, tile.rpartition("=")[2].split(","))
        assert left + width <= grid.columns * grid.tile_width
        assert top + height <= grid.rows * grid.tile_height
    assert (grid.sheets - 1) * grid.tiles_per_sheet < grid.tiles <= grid.sheets * grid.tiles_per_sheet
