"""Thumbnails of a title: a still picture for every few seconds."""

from math import ceil
from pathlib import Path

from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import VideoRendition
from nightreel.media.stills.jpeg import every_player_shows, keyframes, one_per_interval, write_jpegs


def thumbnail_source(plan: Plan) -> VideoRendition:
    """The rendition that thumbnails are cut from: 360p where there is one, for its size."""
    return min(every_player_shows(plan), key=lambda item: abs(min(item.width, item.height) - 360))


def thumbnail_count(plan: Plan) -> int:
    """One for each interval that begins; at least one."""
    return max(1, ceil(round(plan.duration / plan.thumbnail_seconds, 6)))


def write_thumbnails(
    plan: Plan, encoded: Path, directory: Path, *, ffmpeg_binary: str, timeout_seconds: float
) -> None:
    """Write `thumb_000.jpg` … of an encoded rendition. Raises EncoderFailed."""
    write_jpegs(
        one_per_interval(keyframes(encoded), plan.thumbnail_seconds),
        encoded,
        directory / "thumb_%03d.jpg",
        thumbnail_count(plan),
        ffmpeg_binary=ffmpeg_binary,
        timeout_seconds=timeout_seconds,
    )
