"""Copies a source's picture, packet by packet, into an MP4 with exact times.

For pictures that `copying` allows: FFmpeg decodes nothing and changes no byte of any frame.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from nightreel.media.encoding.encoders.options import SAMPLE_ENTRIES, timescale
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import graph_input
from nightreel.vocabulary.media import VideoCodec


def copy_picture(
    source: Path,
    output: Path,
    *,
    stream: int,
    codec: VideoCodec,
    frame_rate: Fraction,
    reordering: int,
    ffmpeg_binary: str,
    timeout_seconds: float,
) -> None:
    """Write the picture of the source into an MP4 whose first frame is shown at time 0, without an edit list.

    Frame n is shown at n / `frame_rate` seconds exactly. `stream` is the picture's index in the source, and
    `reordering` how many frames later, at most, a frame is decoded than it would be in display order.
    Nothing else of the source is kept. Raises EncoderFailed with the end of FFmpeg's stderr.
    """
    command = copy_command(
        source,
        output,
        stream=stream,
        codec=codec,
        frame_rate=frame_rate,
        reordering=reordering,
        ffmpeg_binary=ffmpeg_binary,
    )
    sandbox = Sandbox(reads=(source,), writes=(output.parent,))
    process.run(command, timeout_seconds=timeout_seconds, sandbox=sandbox)


def copy_command(
    source: Path,
    output: Path,
    *,
    stream: int,
    codec: VideoCodec,
    frame_rate: Fraction,
    reordering: int,
    ffmpeg_binary: str,
) -> list[str]:
    """The command line; see `copy_picture`."""
    copied = ffmpeg.output(
        graph_input(source)[str(stream)],
        f"file:{output}",
        c="copy",
        **_times(frame_rate, reordering),
        **{
            "tag:v": SAMPLE_ENTRIES[codec],
            "map_metadata": -1,
            "map_chapters": -1,
            "use_editlist": 0,
            # Signed composition offsets let the first frame be shown at 0 although it is decoded earlier.
            "movflags": "+negative_cts_offsets",
            "f": "mp4",
        },
    )
    command: list[str] = (
        copied.global_args("-hide_banner", "-nostdin", "-loglevel", "repeat+level+warning", "-nostats")
        .global_args("-progress", "pipe:1", "-stats_period", "1")
        .compile(cmd=ffmpeg_binary, overwrite_output=True)
    )
    return command


def _times(frame_rate: Fraction, reordering: int) -> dict[str, Any]:
    """Options that give each packet the exact times of its place: the source's clock may be too coarse."""
    ticks = timescale(frame_rate)
    # A whole number, because the time scale is a multiple of the rate.
    frame = int(ticks / frame_rate)
    settings = {
        "time_base": f"1/{ticks}",
        # Times are first converted to the new clock, which is fine enough to tell frames apart.
        "prescale": "1",
        "pts": f"round((PTS-STARTPTS)/{frame})*{frame}",
        "dts": f"(N-{reordering})*{frame}",
        "duration": str(frame),
    }
    expressions = ":".join(f"{name}={value}" for name, value in settings.items())
    return {"bsf:v": f"setts={expressions}", "video_track_timescale": ticks}
