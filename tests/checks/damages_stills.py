"""What can be wrong with the still pictures, and the rule that is meant to notice."""

from pathlib import Path

from nightreel.vocabulary.release import SPRITES
from tests.checks.damaging import Damage, copied_over, edited, removed, truncated, written


def all_thumbnails_removed(directory: Path) -> None:
    for path in directory.glob("thumb_*.jpg"):
        path.unlink()


STILL_DAMAGES = (
    Damage("a poster that is no JPEG", written("poster.jpg", b"\x89PNG"), ("stills",)),
    Damage("a truncated thumbnail", truncated("thumb_001.jpg", 0.5), ("stills",)),
    Damage("no thumbnails", all_thumbnails_removed, ("file-exists",)),
    Damage("a hole in the thumbnails", removed("thumb_000.jpg"), ("file-exists",)),
    Damage("a thumbnail too many", copied_over("thumb_001.jpg", "thumb_002.jpg"), ("no-orphans",)),
    Damage("a truncated sprite sheet", truncated("sprite_000.jpg", 0.5), ("stills",)),
    Damage(
        "a sprite sheet that is not there",
        removed("sprite_000.jpg"),
        ("file-exists", "sprite-inside-its-sheet"),
    ),
    Damage("no index of the sprites", removed(SPRITES), ("sprite-index-readable", "file-exists")),
    Damage(
        "an index that is no WebVTT",
        written(SPRITES, b"<html>"),
        ("sprite-index-readable", "sprites-to-the-end"),
    ),
    Damage(
        "a sprite at no time",
        edited(SPRITES, "00:00:05.000 -->", "00:99:05.000 -->"),
        ("sprite-index-readable", "sprite-gap-free"),
    ),
    Damage(
        "a gap between sprites", edited(SPRITES, "00:00:05.000 -->", "00:00:06.000 -->"), ("sprite-gap-free",)
    ),
    Damage(
        "sprites that end early",
        edited(SPRITES, "--> 00:00:14.000", "--> 00:00:13.000"),
        ("sprites-to-the-end",),
    ),
    Damage("a sprite for no time", edited(SPRITES, "00:00:05.000", "00:00:10.000", 2), ("sprite-not-empty",)),
    Damage(
        "a sprite for too long", edited(SPRITES, r"00:00:05.000", "00:00:06.000", 2), ("sprite-interval",)
    ),
    Damage(
        "a sprite beyond its sheet", edited(SPRITES, "xywh=320,", "xywh=400,"), ("sprite-inside-its-sheet",)
    ),
    Damage("a sprite that names no part", edited(SPRITES, "#xywh=.*", ""), ("sprite-address",)),
)
