"""Shaka Packager: one CMAF set of segments that HLS and DASH share.

Names are those of `nightreel.vocabulary.release`, as the catalog's clients know them.
"""

from collections.abc import Mapping
from pathlib import Path

from nightreel.media.packaging.alternatives import audio_group
from nightreel.media.packaging.cmaf_multivariant import refine_multivariant
from nightreel.media.packaging.dash import refine_mpd
from nightreel.media.packaging.packager_keys import key_file, key_flags
from nightreel.media.packaging.playlists import refine_media_playlists
from nightreel.media.packaging.webvtt import segment_subtitles
from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.binaries import Binaries
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import Protection

_UNKNOWN_LANGUAGE = "und"
# Less than a sample of sound, so that a boundary that falls on a frame is never missed by rounding.
_BOUNDARY_SLACK_SECONDS = 0.00001


def package_cmaf(
    plan: Plan,
    encoded: Mapping[str, Path],
    directory: Path,
    *,
    binaries: Binaries,
    timeout_seconds: float,
    protection: Protection | None = None,
) -> tuple[str, ...]:
    """Write segments, playlists and both manifests; returns warnings for the title.

    Raises EncoderFailed with what the packager said.
    """
    with key_file(protection) as keys:
        process.run(
            package_command(plan, encoded, directory, binaries.packager, keys),
            timeout_seconds=timeout_seconds,
            sandbox=Sandbox(reads=tuple(encoded.values()), writes=(directory,)),
            pass_fds=() if keys is None else (keys,),
        )
    warnings = [
        warning
        for text in plan.text
        for warning in segment_subtitles(plan, text, encoded[text.name], directory)
    ]
    refine_media_playlists(directory, plan, protection)
    refine_multivariant(directory, plan)
    refine_mpd(directory, plan, protection)
    return tuple(warnings)


def package_command(
    plan: Plan, encoded: Mapping[str, Path], directory: Path, packager: str, keys: int | None = None
) -> list[str]:
    """The packager's command line: a descriptor per rendition, then the flags.

    `keys` is the descriptor of a file that `key_file` made.
    """
    # The packager writes the variants of one group of sounds after those of another, in the order
    # in which it meets them: stereo plays everywhere.
    stereo_first = sorted(plan.audio, key=lambda audio: audio.channels)
    return [
        packager,
        *(_video_descriptor(item, encoded[item.name], directory) for item in plan.video_in_playlist_order),
        *(_audio_descriptor(item, encoded[item.name], directory) for item in stereo_first),
        f"--segment_duration={plan.segment_duration - _BOUNDARY_SLACK_SECONDS:.6f}",
        # A fragment per GOP, so that the I-frame playlist has an entry for every keyframe.
        f"--fragment_duration={plan.gop_duration - _BOUNDARY_SLACK_SECONDS:.6f}",
        "--start_segment_number=0",
        "--hls_playlist_type=VOD",
        # Static, with a SegmentTimeline: the duration of every segment is said, not guessed.
        "--generate_static_live_mpd",
        f"--mpd_output={directory / release.MPD}",
        f"--hls_master_playlist_output={directory / release.MASTER}",
        *key_flags(keys),
        "--quiet",
    ]


def _video_descriptor(rendition: VideoRendition, source: Path, directory: Path) -> str:
    return _descriptor(
        source,
        "video",
        rendition.name,
        directory,
        iframe_playlist_name=release.iframe_playlist_name(rendition.name),
    )


def _audio_descriptor(rendition: AudioRendition, source: Path, directory: Path) -> str:
    return _descriptor(
        source,
        "audio",
        rendition.name,
        directory,
        hls_group_id=audio_group(rendition),
        hls_name=rendition.label,
        # The packager refuses `und`.
        **({} if rendition.language == _UNKNOWN_LANGUAGE else {"lang": rendition.language}),
    )


def _descriptor(source: Path, stream: str, name: str, directory: Path, **more: str) -> str:
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
