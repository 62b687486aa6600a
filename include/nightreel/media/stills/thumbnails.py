"""Thumbnails of a title: one still picture every few seconds."""

from math import ceil
from pathlib import Path
from typing import Any

from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import VideoRendition
from nightreel.media.stills.jpeg import every_player_shows, keyframes, one_per_interval, write_jpegs

_LINES = 360
"""At most so many, of the shorter side: a thumbnail is for a list."""


def thumbnail_source(plan: Plan) -> VideoRendition:
    """The rendition that thumbnails are cut from: the one nearest to 360p, for its size."""
    return min(every_player_shows(plan), key=lambda item: abs(min(item.width, item.height) - _LINES))


def thumbnail_count(plan: Plan) -> int:
    """One per interval, and at least one."""
    return max(1, ceil(round(plan.duration / plan.thumbnail_seconds, 6)))


def write_thumbnails(
    plan: Plan, encoded: Path, directory: Path, *, ffmpeg_binary: str, timeout_seconds: float
) -> None:
    """Write `thumb_000.jpg` … from an encoded rendition, never larger than it. Raises EncoderFailed."""
    write_jpegs(
        _scaled(one_per_interval(keyframes(encoded), plan.thumbnail_seconds), thumbnail_source(plan)),
        encoded,
        directory / "thumb_%03d.jpg",
        thumbnail_count(plan),
        ffmpeg_binary=ffmpeg_binary,
        timeout_seconds=timeout_seconds,
    )


def _scaled(pictures: Any, source: VideoRendition) -> Any:
    lines = min(source.width, source.height)
    if lines <= _LINES:
        return pictures
    width, height = (2 * round(side * _LINES / lines / 2) for side in (source.width, source.height))
    return pictures.filter("scale", width, height, flags="area").filter("setsar", "1")
