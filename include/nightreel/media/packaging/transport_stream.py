"""FFmpeg's HLS muxer: the classic layout of MPEG-TS segments, with the sound within every variant.

Segments are those of RFC 8216, 3.2, whole ones encrypted by AES-128 (4.3.2.4) where the plan
says so. A title in this layout is for HLS alone: there is no MPD.
"""

from collections.abc import Sequence
from pathlib import Path

import av
import ffmpeg

from nightreel.media.packaging.key_files import key_info_file
from nightreel.media.packaging.packaging import Packaging
from nightreel.media.packaging.track import PictureTrack, Rate, SoundTrack
from nightreel.media.packaging.transport_playlists import refine_media_playlist, write_iframe_playlist
from nightreel.media.packaging.transport_rates import iframe_rate, segment_rate
from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import graph_input
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.vocabulary import release

VERSION = 4
"""That of the playlists: EXT-X-MEDIA and I-frame playlists (RFC 8216, section 7)."""

CLOCK_HERTZ = 90_000
"""Ticks per second of a transport stream's times (ISO/IEC 13818-1, 2.4.3.7)."""

_AAC_LC = "mp4a.40.2"
# Less than a frame of anything, so that a boundary that falls on one is never missed by rounding.
_BOUNDARY_SLACK_SECONDS = 0.00001


def package_picture(
    packaging: Packaging, rendition: VideoRendition, encoded: Path, muxed: Path | None
) -> PictureTrack:
    """Write a variant's segments and its playlists; `muxed` is the sound within them.

    Raises EncoderFailed with what FFmpeg said.
    """
    inputs = [encoded] if muxed is None else [encoded, muxed]
    rate = _write_segments(packaging, rendition.name, inputs)
    keyframes = None
    if packaging.protection is None:
        # An encrypted segment can be decrypted only as a whole, so a part of one cannot be named.
        write_iframe_playlist(packaging.directory, packaging.plan, rendition)
        keyframes = iframe_rate(packaging.directory / release.iframe_playlist_name(rendition.name))
    return PictureTrack(
        rendition=rendition,
        codec=_avc_codec(encoded),
        frame_rate=packaging.plan.frame_rate,
        rate=rate,
        keyframes=keyframes,
    )


def package_sound(packaging: Packaging, rendition: AudioRendition, encoded: Path) -> SoundTrack:
    """Write the segments of a sound that is not within the variants.

    Raises EncoderFailed with what FFmpeg said.
    """
    if rendition == packaging.plan.muxed_sound:
        return SoundTrack(rendition=rendition, codec=_AAC_LC, within_variants=True)
    rate = _write_segments(packaging, rendition.name, [encoded])
    return SoundTrack(rendition=rendition, codec=_AAC_LC, rate=rate)


def _write_segments(packaging: Packaging, name: str, inputs: Sequence[Path]) -> Rate:
    plan, directory = packaging.plan, packaging.directory
    with key_info_file(packaging.protection) as key_info:
        command = _segment_command(plan, name, inputs, directory, packaging.binaries.ffmpeg, key_info)
        keys = () if key_info is None else (key_info.parent,)
        sandbox = Sandbox(reads=(*inputs, *keys), writes=(directory,))
        process.run(command, timeout_seconds=packaging.timeout_seconds, sandbox=sandbox)
    refine_media_playlist(directory, plan, name)
    return segment_rate(directory / release.playlist_name(name))


def _segment_command(
    plan: Plan, name: str, inputs: Sequence[Path], directory: Path, ffmpeg_binary: str, key_info: Path | None
) -> list[str]:
    """Joins encoded renditions and cuts them on the plan's grid."""
    options = {
        "c": "copy",
        "map_metadata": -1,
        "map_chapters": -1,
        # The clock shows the title's own time, from 0 on, in every variant and every language: not
        # all players look for another start in sounds that have segments of their own.
        "avoid_negative_ts": "disabled",
        "muxdelay": 0,
        "muxpreload": 0,
        "hls_time": f"{plan.segment_duration - _BOUNDARY_SLACK_SECONDS:.6f}",
        "hls_list_size": 0,
        "hls_playlist_type": "vod",
        "hls_segment_filename": f"{directory}/{release.stream_name(name)}_%03d.ts",
        "f": "hls",
    }
    if key_info is not None:
        options["hls_key_info_file"] = key_info
    streams = [graph_input(path) for path in inputs]
    command: list[str] = (
        ffmpeg.output(*streams, str(directory / release.playlist_name(name)), **options)
        .global_args("-hide_banner", "-nostdin", "-loglevel", "error", "-nostats")
        .compile(cmd=ffmpeg_binary, overwrite_output=True)
    )
    return command


def _avc_codec(encoded: Path) -> str:
    """`avc1.` with profile, constraints and level of the decoder configuration (RFC 6381, 3.3)."""
    with av.open(str(encoded)) as container:
        configuration = container.streams.video[0].codec_context.extradata or b""
    return f"avc1.{configuration[1:4].hex()}"
