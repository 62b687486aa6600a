"""Sprite sheets: small pictures in a grid, and the WebVTT that says which part shows which seconds.

Players show them while a viewer seeks. A cue names a part of a sheet by a media fragment (W3C Media Fragments
URI 1.0, 4.2.2).
"""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import VideoRendition
from nightreel.media.stills.jpeg import every_player_shows, keyframes, one_per_interval, write_jpegs
from nightreel.vocabulary import release

_LONGER_SIDE = 160
"""Pixels of a tile."""
_COLUMNS, _ROWS = 5, 5


@dataclass(frozen=True)
class SpriteGrid:
    """How a title's sheets are laid out. Sizes in pixels, times in seconds."""

    tiles: int
    columns: int
    rows: int
    tile_width: int
    tile_height: int

    @property
    def tiles_per_sheet(self) -> int:
        """How many tiles a full sheet has."""
        return self.columns * self.rows

    @property
    def sheets(self) -> int:
        """How many sheets the tiles fill."""
        return ceil(self.tiles / self.tiles_per_sheet)

    def address(self, tile: int) -> str:
        """The address of a tile: `sprite_000.jpg#xywh=160,0,160,90`."""
        sheet, place = divmod(tile, self.tiles_per_sheet)
        row, column = divmod(place, self.columns)
        left, top = column * self.tile_width, row * self.tile_height
        return f"{release.sprite_name(sheet)}#xywh={left},{top},{self.tile_width},{self.tile_height}"


def sprite_source(plan: Plan) -> VideoRendition:
    """The rendition that the tiles are cut from: the smallest one."""
    return every_player_shows(plan)[0]


def sprite_grid(plan: Plan) -> SpriteGrid:
    """One tile per interval; a title with few tiles gets a smaller sheet."""
    tiles = max(1, ceil(round(plan.duration / plan.sprite_seconds, 6)))
    picture = sprite_source(plan)
    scale = _LONGER_SIDE / max(picture.width, picture.height)
    return SpriteGrid(
        tiles=tiles,
        columns=min(_COLUMNS, tiles),
        rows=min(_ROWS, ceil(tiles / _COLUMNS)),
        tile_width=_even(picture.width * scale),
        tile_height=_even(picture.height * scale),
    )


def write_sprites(
    plan: Plan, encoded: Path, directory: Path, *, ffmpeg_binary: str, timeout_seconds: float
) -> None:
    """Write `sprite_000.jpg` … and `thumbnails.vtt`. Raises EncoderFailed."""
    grid = sprite_grid(plan)
    tiles = one_per_interval(keyframes(encoded), plan.sprite_seconds)
    sheets = (
        tiles.filter("scale", grid.tile_width, grid.tile_height, flags="area")
        .filter("setsar", "1")
        .filter("trim", end_frame=grid.tiles)
        .filter("tile", f"{grid.columns}x{grid.rows}")
    )
    write_jpegs(
        sheets,
        encoded,
        directory / "sprite_%03d.jpg",
        grid.sheets,
        ffmpeg_binary=ffmpeg_binary,
        timeout_seconds=timeout_seconds,
    )
    (directory / release.SPRITES).write_text(_cues(plan, grid), "utf-8")


def _cues(plan: Plan, grid: SpriteGrid) -> str:
    """One cue per tile, without gaps, to the end of the title."""
    milliseconds = ceil(plan.duration * 1000)
    borders = [*(round(tile * plan.sprite_seconds * 1000) for tile in range(grid.tiles)), milliseconds]
    cues = (
        f"{_timestamp(borders[tile])} --> {_timestamp(borders[tile + 1])}\n{grid.address(tile)}\n"
        for tile in range(grid.tiles)
    )
    return "\n".join(("WEBVTT\n", *cues))


def _timestamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def _even(length: float) -> int:
    # Tiles of odd size would not align with the colour samples of 4:2:0.
    return max(2, round(length / 2) * 2)
