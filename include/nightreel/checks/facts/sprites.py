"""The index of the sprite sheets: which part of which sheet shows which seconds."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from nightreel.checks.facts.stills import jpeg_size
from nightreel.checks.facts.webvtt import Cue, read_webvtt
from nightreel.vocabulary import release

_ADDRESS = re.compile(r"(?P<sheet>[^#\s]+)#xywh=(\d+),(\d+),(\d+),(\d+)")


@dataclass(frozen=True, slots=True)
class Tile:
    """One cue of the index. Times in seconds; `pixels_outside` of the rectangle, beyond its sheet.

    `sheet` is empty where the cue names no part of a picture.
    """

    start: Fraction
    end: Fraction
    sheet: str
    area: int
    pixels_outside: int


@dataclass(frozen=True, slots=True)
class SpriteIndex:
    """`thumbnails.vtt`. `fault` is a sentence, empty when it could be read."""

    name: str
    fault: str
    tiles: tuple[Tile, ...]

    @property
    def sheets(self) -> frozenset[str]:
        """The names of the sheets that it points into."""
        return frozenset(tile.sheet for tile in self.tiles if tile.sheet)


def read_sprite_index(directory: Path) -> SpriteIndex:
    """Read the index of a release. Damage becomes facts, never an exception."""
    document = read_webvtt(directory / release.SPRITES)
    sizes: dict[str, tuple[int, int]] = {}
    tiles = []
    for cue in document.cues:
        found = _ADDRESS.fullmatch(cue.text.strip())
        if found and found["sheet"] not in sizes:
            sizes[found["sheet"]] = jpeg_size(directory / found["sheet"])
        tiles.append(_tile(cue, found, sizes))
    return SpriteIndex(document.name, document.fault, tuple(tiles))


def _tile(cue: Cue, found: re.Match[str] | None, sizes: dict[str, tuple[int, int]]) -> Tile:
    if found is None:
        return Tile(cue.start, cue.end, "", 0, 0)
    left, top, width, height = map(int, found.groups()[1:])
    sheet_width, sheet_height = sizes[found["sheet"]]
    inside = max(0, min(width, sheet_width - left)) * max(0, min(height, sheet_height - top))
    return Tile(cue.start, cue.end, found["sheet"], width * height, width * height - inside)
