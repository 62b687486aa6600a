"""From encoded renditions to the files that players load."""

from collections.abc import Mapping
from pathlib import Path

from nightreel.media.packaging import cmaf, transport_stream
from nightreel.media.packaging.mpd import mpd
from nightreel.media.packaging.multivariant import multivariant_playlist
from nightreel.media.packaging.packaging import Packaging
from nightreel.media.packaging.track import PictureTrack, SoundTrack, TextTrack, Track, Tracks
from nightreel.media.packaging.webvtt import package_subtitles
from nightreel.media.planning.plan import Plan
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import AudioRendition, Rendition, VideoRendition
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
    """Write the segments and media playlists of every rendition; returns the tracks, and warnings."""
    plan = packaging.plan
    packaged = {item.name: package_track(packaging, item, encoded) for item in plan.renditions}
    tracks = offered(plan, {name: track for name, (track, _) in packaged.items()})
    return tracks, tuple(warning for _, warnings in packaged.values() for warning in warnings)


def package_track(
    packaging: Packaging, rendition: Rendition, encoded: Mapping[str, Path]
) -> tuple[Track, tuple[str, ...]]:
    """Write the segments and media playlists of one rendition.

    Returns the track, and warnings for the title's owner. `encoded` has the file of the rendition,
    and of the sound that its segments are to carry. Raises EncoderFailed.
    """
    packaging.directory.mkdir(parents=True, exist_ok=True)
    if isinstance(rendition, VideoRendition):
        return _picture(packaging, rendition, encoded), ()
    if isinstance(rendition, AudioRendition):
        return _sound(packaging, rendition, encoded[rendition.name]), ()
    return package_subtitles(packaging.plan, rendition, encoded[rendition.name], packaging.directory)


def write_manifests(plan: Plan, tracks: Tracks, directory: Path) -> None:
    """Write the multivariant playlist and, for CMAF, the MPD of these tracks.

    No segment is read: everything that they say was measured when the track was packaged.
    """
    directory.mkdir(parents=True, exist_ok=True)
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


def _sound(packaging: Packaging, item: AudioRendition, encoded: Path) -> SoundTrack:
    if packaging.plan.container == "cmaf":
        return cmaf.package_sound(packaging, item, encoded)
    return transport_stream.package_sound(packaging, item, encoded)


def offered(plan: Plan, packaged: Mapping[str, Track]) -> Tracks:
    """The tracks of these renditions, in the order in which manifests offer them."""
    order: list[Rendition] = [*plan.video_in_playlist_order, *_stereo_first(plan.audio), *plan.text]
    tracks = [packaged[item.name] for item in order if item.name in packaged]
    return Tracks(
        pictures=tuple(track for track in tracks if isinstance(track, PictureTrack)),
        sounds=tuple(track for track in tracks if isinstance(track, SoundTrack)),
        texts=tuple(track for track in tracks if isinstance(track, TextTrack)),
    )


def _stereo_first(sounds: tuple[AudioRendition, ...]) -> list[AudioRendition]:
    """Stereo plays everywhere, so the variants with it come before those with 5.1."""
    return sorted(sounds, key=lambda sound: sound.channels)
