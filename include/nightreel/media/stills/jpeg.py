"""What all still pictures of a title share: they are cut from keyframes and written as JPEG."""

from pathlib import Path
from typing import Any

import ffmpeg

from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import graph_input
from nightreel.media.renditions import VideoRendition

_JPEG_QUALITY = 4
"""FFmpeg's scale of 2 (best) to 31."""


def every_player_shows(plan: Plan) -> tuple[VideoRendition, ...]:
    """The renditions that stills are cut from, lowest first: 8-bit SDR, like JPEG."""
    return tuple(item for item in plan.video if item.codec == "h264" and item.dynamic_range == "sdr")


def keyframes(encoded: Path, **options: Any) -> Any:
    """The keyframes of an encoded rendition, as a stream of FFmpeg's."""
    # Decoding keyframes alone costs a fiftieth of decoding the whole title.
    return graph_input(encoded, skip_frame="nokey", **options)["v:0"]


def one_per_interval(pictures: Any, every_seconds: float) -> Any:
    """The picture at the start of each interval; endless, so the caller must count."""
    # The last one is repeated, because the last interval may begin after the last keyframe.
    endless = pictures.filter("tpad", stop=-1, stop_mode="clone")
    return endless.filter("fps", fps=1 / every_seconds, start_time=0, round="up")


def write_jpegs(
    pictures: Any, encoded: Path, target: Path, count: int, *, ffmpeg_binary: str, timeout_seconds: float
) -> None:
    """Write the first `count` pictures, which come from `encoded`. Raises EncoderFailed.

    `target` has `%03d` in place of their number.
    """
    options: dict[str, Any] = {
        "c:v": "mjpeg",
        "q:v": _JPEG_QUALITY,
        "pix_fmt": "yuvj420p",
        "strict": "unofficial",
        "f": "image2",
        "frames:v": count,
    }
    if "%" in target.name:
        options |= {"start_number": 0}
    else:
        options |= {"update": 1}
    # A JPEG has no colour tags: readers assume BT.601 in full range (ITU-T T.871, 7).
    converted = pictures.filter("scale", out_color_matrix="bt601", out_range="full")
    command = (
        ffmpeg.output(converted, f"file:{target}", **options)
        .global_args("-hide_banner", "-nostdin", "-loglevel", "error")
        .compile(cmd=ffmpeg_binary, overwrite_output=True)
    )
    sandbox = Sandbox(reads=(encoded,), writes=(target.parent,))
    process.run(command, timeout_seconds=timeout_seconds, sandbox=sandbox)
