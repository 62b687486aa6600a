"""Shaka Packager: CMAF segments that HLS and DASH share, of one rendition at a time.

Names are those of `nightreel.vocabulary.release`, as the catalog's clients know them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from math import ceil
from pathlib import Path

from nightreel.media.packaging.cmaf_playlists import refine_iframe_playlist, refine_media_playlist
from nightreel.media.packaging.packager_facts import PackagerManifests, picture_track, sound_track
from nightreel.media.packaging.packager_keys import key_file, key_flags
from nightreel.media.packaging.packaging import Packaging
from nightreel.media.packaging.track import PictureTrack, SoundTrack
from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.vocabulary import release

VERSION = 6
"""That of the media playlists, which need EXT-X-MAP (RFC 8216, section 7)."""

_UNKNOWN_LANGUAGE = "und"
# Less than a sample of sound, so that a boundary that falls on a frame is never missed by rounding.
_BOUNDARY_SLACK_SECONDS = 0.00001
_LESS_THAN_A_FRAME_SECONDS = 0.001


def package_picture(packaging: Packaging, rendition: VideoRendition, encoded: Path) -> PictureTrack:
    """Write a picture's segments and both its playlists.

    Raises EncoderFailed with what the packager said.
    """
    more = {"iframe_playlist_name": release.iframe_playlist_name(rendition.name)}
    with _packaged(packaging, rendition, encoded, "video", more) as manifests:
        refine_iframe_playlist(packaging, rendition)
        return picture_track(packaging, rendition, manifests)


def package_sound(packaging: Packaging, rendition: AudioRendition, encoded: Path) -> SoundTrack:
    """Write a sound's segments and its playlist. Raises EncoderFailed with what the packager said."""
    # The packager refuses `und`.
    more = {} if rendition.language == _UNKNOWN_LANGUAGE else {"lang": rendition.language}
    with _packaged(packaging, rendition, encoded, "audio", more) as manifests:
        return sound_track(packaging, rendition, manifests)


@contextmanager
def _packaged(
    packaging: Packaging,
    rendition: VideoRendition | AudioRendition,
    encoded: Path,
    stream: str,
    more: dict[str, str],
) -> Iterator[PackagerManifests]:
    """Write a rendition's segments and media playlist; lends the packager's manifests of it alone."""
    # Beside the segments, because the packager writes addresses that are relative to its manifests.
    manifests = PackagerManifests(packaging.directory / release.MASTER, packaging.directory / release.MPD)
    with key_file(packaging.protection) as keys:
        command = [
            packaging.binaries.packager,
            _descriptor(encoded, stream, rendition.name, packaging.directory, more),
            *_cutting(packaging.plan, stream),
            "--start_segment_number=0",
            "--hls_playlist_type=VOD",
            # Static, with a SegmentTimeline: the duration of every segment is said, not guessed.
            "--generate_static_live_mpd",
            f"--hls_master_playlist_output={manifests.master}",
            f"--mpd_output={manifests.mpd}",
            *key_flags(keys),
            "--quiet",
        ]
        process.run(
            command,
            timeout_seconds=packaging.timeout_seconds,
            sandbox=Sandbox(reads=(encoded,), writes=(packaging.directory,)),
            pass_fds=() if keys is None else (keys,),
        )
    refine_media_playlist(packaging, rendition, manifests.mpd)
    yield manifests
    manifests.master.unlink()
    manifests.mpd.unlink()


def _cutting(plan: Plan, stream: str) -> list[str]:
    """Where segments begin, and fragments: one per GOP, so that every keyframe has an I-frame entry."""
    if plan.has_own_grid:
        return _cutting_at(plan, stream)
    return [
        f"--segment_duration={plan.segment_duration - _BOUNDARY_SLACK_SECONDS:.6f}",
        f"--fragment_duration={plan.gop_duration - _BOUNDARY_SLACK_SECONDS:.6f}",
    ]


def _cutting_at(plan: Plan, stream: str) -> list[str]:
    """The same on a grid of the source's own, which no duration expresses.

    The packager cuts the picture at the first keyframe that is not before a cue, and sound at the nearest
    frame. It never ends a fragment of the picture but at a keyframe.
    """
    cues = [f"{_before(start):.3f}" for start in plan.grid.segment_starts[1:]]
    return [
        f"--segment_duration={ceil(plan.duration) + 1}",
        f"--fragment_duration={_LESS_THAN_A_FRAME_SECONDS if stream == 'video' else plan.gop_duration:.6f}",
        *([f"--ad_cues={';'.join(cues)}"] if cues else []),
    ]


def _before(seconds: Fraction) -> float:
    """The last whole millisecond before that time, so that rounding never takes it past the frame."""
    return (ceil(seconds * 1000) - 1) / 1000


def _descriptor(source: Path, stream: str, name: str, directory: Path, more: dict[str, str]) -> str:
    stem = release.stream_name(name)
    fields = {
        "in": str(source),
        "stream": stream,
        "init_segment": str(directory / release.init_name(name)),
        "segment_template": str(directory / f"{stem}_$Number%03d$.m4s"),
        "playlist_name": release.playlist_name(name),
        **more,
    }
    return ",".join(f"{key}={value}" for key, value in fields.items())
