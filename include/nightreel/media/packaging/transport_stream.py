"""FFmpeg's HLS muxer: the classic layout of MPEG-TS segments, with the sound within every variant.

Segments are those of RFC 8216, 3.2, whole ones encrypted by AES-128 (4.3.2.4) where the plan
says so. A title in this layout is for HLS alone: there is no MPD.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import ffmpeg

from nightreel.media.packaging.key_files import key_info_file
from nightreel.media.packaging.multivariant import write_multivariant
from nightreel.media.packaging.transport_playlists import refine_media_playlist, write_iframe_playlist
from nightreel.media.packaging.webvtt import segment_subtitles
from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.binaries import Binaries
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import graph_input
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import Protection

CLOCK_HERTZ = 90_000
"""Ticks per second of a transport stream's times (ISO/IEC 13818-1, 2.4.3.7)."""

# Less than a frame of anything, so that a boundary that falls on one is never missed by rounding.
_BOUNDARY_SLACK_SECONDS = 0.00001


def package_transport_stream(
    plan: Plan,
    encoded: Mapping[str, Path],
    directory: Path,
    *,
    binaries: Binaries,
    timeout_seconds: float,
    protection: Protection | None = None,
) -> tuple[str, ...]:
    """Write segments and playlists; returns warnings for the title.

    Raises EncoderFailed with what FFmpeg said.
    """
    with key_info_file(protection) as key_info:
        for name, inputs in _streams(plan, encoded).items():
            command = segment_command(plan, name, inputs, directory, binaries.ffmpeg, key_info)
            keys = () if key_info is None else (key_info.parent,)
            sandbox = Sandbox(reads=(*inputs, *keys), writes=(directory,))
            process.run(command, timeout_seconds=timeout_seconds, sandbox=sandbox)
            refine_media_playlist(directory, plan, name)
    warnings: list[str] = []
    for text in plan.text:
        warnings += segment_subtitles(plan, text, encoded[text.name], directory)
        refine_media_playlist(directory, plan, text.name)
    if protection is None:
        # An encrypted segment can be decrypted only as a whole, so a part of one cannot be named.
        for picture in plan.video:
            write_iframe_playlist(directory, plan, picture)
    write_multivariant(directory, plan, encoded)
    return tuple(warnings)


def segment_command(
    plan: Plan, name: str, inputs: Sequence[Path], directory: Path, ffmpeg_binary: str, key_info: Path | None
) -> list[str]:
    """FFmpeg's command line that joins encoded renditions and cuts them on the plan's grid."""
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


def _streams(plan: Plan, encoded: Mapping[str, Path]) -> dict[str, list[Path]]:
    """What is joined to one stream of segments, by the rendition that names it."""
    within = [encoded[plan.muxed_sound.name]] if plan.muxed_sound else []
    pictures = {item.name: [encoded[item.name], *within] for item in plan.video}
    return pictures | {item.name: [encoded[item.name]] for item in plan.alternate_sounds}
