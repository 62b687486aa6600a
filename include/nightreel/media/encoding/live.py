"""A stream that is encoded while somebody watches: one picture and one sound, H.264 and AAC.

If the source could not be probed in time, FFmpeg itself picks picture and sound.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ffmpeg

from nightreel.media.encoding.colour import converting, declaring, labelling
from nightreel.media.encoding.filters import Filter, as_text
from nightreel.media.programs.remote_input import remote_graph_input
from nightreel.media.renditions import LONGEST_SIDE
from nightreel.media.source import Colour

PLAYLIST = "index.m3u8"
SEGMENT_PATTERN = "%06d.ts"
KEYFRAME_SECONDS = 2
SEGMENT_SECONDS = 4
_FRAGMENT_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class LiveQuality:
    """Height in pixels, rates in bits per second; `preset` is x264's."""

    height: int
    video_bps: int
    audio_bps: int
    preset: str


@dataclass(frozen=True)
class LivePicture:
    """Which picture of a source is shown, by index, and the colours that it was understood to have."""

    index: int
    colour: Colour


def mp4_command(url: str, picture: LivePicture | None, quality: LiveQuality, ffmpeg_binary: str) -> list[str]:
    """Fragmented MP4 on stdout, at most one fragment per second.

    With `picture` None, FFmpeg picks the picture, and its colours stay as they are.
    """
    fragments = {
        "movflags": "+empty_moov+default_base_moof+frag_keyframe",
        "frag_duration": _FRAGMENT_MICROSECONDS,
        "flush_packets": 1,
    }
    return _command(url, "pipe:1", picture, quality, ffmpeg_binary, {"f": "mp4", **fragments})


def hls_command(url: str, picture: LivePicture | None, quality: LiveQuality, ffmpeg_binary: str) -> list[str]:
    """A growing playlist and its MPEG-TS segments, in FFmpeg's working directory.

    `picture` is as for `mp4_command`.
    """
    segments = {
        "hls_time": SEGMENT_SECONDS,
        # The list keeps everything, so that viewers can go back to the beginning (RFC 8216 section 4.3.3.5).
        "hls_playlist_type": "event",
        # The playlist is renamed into place, so that no reader finds half of one.
        "hls_flags": "independent_segments+temp_file",
        "hls_segment_filename": SEGMENT_PATTERN,
    }
    return _command(url, PLAYLIST, picture, quality, ffmpeg_binary, {"f": "hls", **segments})


def _command(
    url: str,
    output: str,
    picture: LivePicture | None,
    quality: LiveQuality,
    ffmpeg_binary: str,
    container: dict[str, Any],
) -> list[str]:
    source = remote_graph_input(url)
    taken = [source] if picture is None else [source[str(picture.index)], source["a:0?"]]
    colour = None if picture is None else picture.colour
    options = {**_picture(quality, colour), **_sound(quality), **container}
    command: list[str] = (
        ffmpeg.output(*taken, output, map_metadata=-1, map_chapters=-1, sn=None, dn=None, **options)
        .global_args("-hide_banner", "-nostdin", "-nostats", "-loglevel", "error")
        .compile(cmd=ffmpeg_binary)
    )
    return command


def _filters(height: int, colour: Colour | None) -> Iterator[Filter]:
    # Only frames that are marked as interlaced.
    yield Filter.of("bwdif", mode="send_frame", deint="interlaced")
    if colour is not None:
        yield from declaring(colour, field_mode="auto")
    # 4:2:0 needs even sides. A source that is lower keeps its own size, unless it is too wide.
    size = {"w": -2, "h": f"max(2,trunc(min(min({height},ih),ih*{LONGEST_SIDE}/iw)/2)*2)"}
    if colour is None:
        yield Filter.of("scale", **size, out_range="tv")
    else:
        yield Filter.of("scale", **size)
        yield from converting(colour, "sdr")
    yield Filter.of("format", pix_fmts="yuv420p")
    if colour is not None:
        yield from labelling("sdr")


def _picture(quality: LiveQuality, colour: Colour | None) -> dict[str, Any]:
    return {
        "vf": as_text(_filters(quality.height, colour)),
        "c:v": "libx264",
        "profile:v": "high",
        "preset": quality.preset,
        "b:v": quality.video_bps,
        "maxrate:v": quality.video_bps,
        "bufsize:v": 2 * quality.video_bps,
        # By time, because the source's frame rate may be anything, or unknown.
        "force_key_frames:v": f"expr:gte(t,n_forced*{KEYFRAME_SECONDS})",
        "sc_threshold": 0,
        # Closed GOPs, because a player may start at each of them.
        "flags:v": "+cgop",
    }


def _sound(quality: LiveQuality) -> dict[str, Any]:
    return {"c:a": "aac", "b:a": quality.audio_bps, "ac": 2, "ar": 48_000}
