"""The still pictures of a release: thumbnails, sprite sheets for seeking, and the poster."""

from collections.abc import Mapping
from pathlib import Path

from nightreel.media.planning.plan import Plan
from nightreel.media.stills.poster import poster_source, write_poster
from nightreel.media.stills.sprites import sprite_source, write_sprites
from nightreel.media.stills.thumbnails import thumbnail_source, write_thumbnails


def stills_sources(plan: Plan) -> tuple[str, ...]:
    """The names of the renditions that stills are cut from, each once."""
    sources = (thumbnail_source(plan), sprite_source(plan), poster_source(plan))
    return tuple(dict.fromkeys(source.name for source in sources))


def write_stills(
    plan: Plan, encoded: Mapping[str, Path], directory: Path, *, ffmpeg_binary: str, timeout_seconds: float
) -> None:
    """Write all of them. `encoded` has the file of every rendition, by name. Raises EncoderFailed."""
    for name in stills_sources(plan):
        write_stills_of(
            plan,
            name,
            encoded[name],
            directory,
            ffmpeg_binary=ffmpeg_binary,
            timeout_seconds=timeout_seconds,
        )


def write_stills_of(
    plan: Plan, name: str, encoded: Path, directory: Path, *, ffmpeg_binary: str, timeout_seconds: float
) -> None:
    """Write those that are cut from one rendition, if any are, of its file. Raises EncoderFailed."""
    if name == thumbnail_source(plan).name:
        write_thumbnails(
            plan, encoded, directory, ffmpeg_binary=ffmpeg_binary, timeout_seconds=timeout_seconds
        )
    if name == sprite_source(plan).name:
        write_sprites(plan, encoded, directory, ffmpeg_binary=ffmpeg_binary, timeout_seconds=timeout_seconds)
    if name == poster_source(plan).name:
        write_poster(encoded, directory, ffmpeg_binary=ffmpeg_binary, timeout_seconds=timeout_seconds)
