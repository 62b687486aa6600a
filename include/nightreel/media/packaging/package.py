"""From encoded renditions to the files that players load."""

from collections.abc import Mapping
from pathlib import Path

from nightreel.media.packaging import cmaf, transport_stream
from nightreel.media.packaging.mpd import mpd
from nightreel.media.packaging.multivariant import multivariant_playlist
from nightreel.media.packaging.packaging import Packaging
from nightreel.media.packaging.track import PictureTrack, SoundTrack, Tracks
from nightreel.media.packaging.webvtt import package_subtitles
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import Protection


def package(
    plan: Plan,
    encoded: Mapping[str, Path],
    directory: Path,
    *,
    binaries: Binaries,
    timeout_seconds: float,
    protection: Protection | None = None,
) -> tuple[str, ...]:
    """Write the segments, playlists and manifests of a release into `directory`.

    Returns warnings for the title's owner.

    `encoded` has the file of every rendition of the plan, by name: MP4, and WebVTT for subtitles.
    `protection` has the key of an encrypted plan, and is None for a clear one. Raises
    EncoderFailed with what the packager said.
    """
    packaging = Packaging(plan, directory, binaries, timeout_seconds, protection)
    tracks, warnings = package_tracks(packaging, encoded)
    write_manifests(plan, tracks, directory)
    return warnings


def package_tracks(packaging: Packaging, encoded: Mapping[str, Path]) -> tuple[Tracks, tuple[str, ...]]:
    """Write the segments and media playlists of every track; returns them, and warnings for the owner."""
    plan, directory = packaging.plan, packaging.directory
    directory.mkdir(parents=True, exist_ok=True)
    pictures = tuple(_picture(packaging, item, encoded) for item in plan.video_in_playlist_order)
    sounds = tuple(_sound(packaging, item, encoded) for item in _stereo_first(plan.audio))
    texts = [package_subtitles(plan, item, encoded[item.name], directory) for item in plan.text]
    tracks = Tracks(pictures=pictures, sounds=sounds, texts=tuple(track for track, _ in texts))
    return tracks, tuple(warning for _, warnings in texts for warning in warnings)


def write_manifests(plan: Plan, tracks: Tracks, directory: Path) -> None:
    """Write the multivariant playlist and, for CMAF, the MPD."""
    transport = plan.container == "ts"
    version = transport_stream.VERSION if transport else cmaf.VERSION
    (directory / release.MASTER).write_text(multivariant_playlist(tracks, version))
    if not transport:
        (directory / release.MPD).write_text(mpd(tracks))


def _picture(packaging: Packaging, item: VideoRendition, encoded: Mapping[str, Path]) -> PictureTrack:
    if packaging.plan.container == "cmaf":
        return cmaf.package_picture(packaging, item, encoded[item.name])
    muxed = packaging.plan.muxed_sound
    return transport_stream.package_picture(
        packaging, item, encoded[item.name], encoded[muxed.name] if muxed else None
    )


def _sound(packaging: Packaging, item: AudioRendition, encoded: Mapping[str, Path]) -> SoundTrack:
    if packaging.plan.container == "cmaf":
        return cmaf.package_sound(packaging, item, encoded[item.name])
    return transport_stream.package_sound(packaging, item, encoded[item.name])


def _stereo_first(sounds: tuple[AudioRendition, ...]) -> list[AudioRendition]:
    """Stereo plays everywhere, so the variants with it come before those with 5.1."""
    return sorted(sounds, key=lambda sound: sound.channels)
