"""The still pictures of a release: thumbnails, sprite sheets for seeking, and the poster."""

from collections.abc import Mapping
from pathlib import Path

from nightreel.media.planning.plan import Plan
from nightreel.media.stills.poster import poster_source, write_poster
from nightreel.media.stills.sprites import sprite_source, write_sprites
from nightreel.media.stills.thumbnails import thumbnail_source, write_thumbnails


def write_stills(
    plan: Plan, encoded: Mapping[str, Path], directory: Path, *, ffmpeg_binary: str, timeout_seconds: float
) -> None:
    """Write all of them. `encoded` has the file of every rendition, by name. Raises EncoderFailed."""
    write_thumbnails(
        plan,
        encoded[thumbnail_source(plan).name],
        directory,
        ffmpeg_binary=ffmpeg_binary,
        timeout_seconds=timeout_seconds,
    )
    write_sprites(
        plan,
        encoded[sprite_source(plan).name],
        directory,
        ffmpeg_binary=ffmpeg_binary,
        timeout_seconds=timeout_seconds,
    )
    write_poster(
        encoded[poster_source(plan).name],
        directory,
        ffmpeg_binary=ffmpeg_binary,
        timeout_seconds=timeout_seconds,
    )
