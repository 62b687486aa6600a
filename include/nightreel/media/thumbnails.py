"""Still pictures of a title: one in every few seconds, and a poster."""

from pathlib import Path
from typing import Any

import ffmpeg

from nightreel import release
from nightreel.media import process
from nightreel.media.plan import Plan
from nightreel.media.renditions import VideoRendition

_JPEG_QUALITY = 4
"""FFmpeg's scale of 2 (best) to 31."""
_POSTER_SAMPLE = 50
"""Keyframes among which FFmpeg's `thumbnail` filter chooses the most representative one."""


def thumbnail_source(plan: Plan) -> VideoRendition:
    """The rendition that thumbnails are cut from: 360p where there is one, for its size."""
    return min(plan.video, key=lambda rendition: abs(min(rendition.width, rendition.height) - 360))


def poster_source(plan: Plan) -> VideoRendition:
    """The rendition that the poster is cut from: the best up to 1080p."""
    fitting = [item for item in plan.video if min(item.width, item.height) <= 1080]
    return fitting[-1] if fitting else plan.video[0]


def write_thumbnails(
    encoded: Path, directory: Path, *, every_seconds: float, ffmpeg_binary: str, timeout_seconds: float
) -> None:
    """Write `thumb_000.jpg` … of an encoded rendition. Raises EncoderFailed."""
    pictures = _keyframes(encoded).filter(
        "fps", fps=1 / every_seconds, start_time=0, round="up", eof_action="pass"
    )
    output = ffmpeg.output(pictures, f"file:{directory}/thumb_%03d.jpg", start_number=0, **_jpeg())
    _run(output, ffmpeg_binary, timeout_seconds)


def write_poster(encoded: Path, directory: Path, *, ffmpeg_binary: str, timeout_seconds: float) -> None:
    """Write `poster.jpg`, a representative frame of an encoded rendition. Raises EncoderFailed."""
    picture = _keyframes(encoded).filter("thumbnail", _POSTER_SAMPLE)
    output = ffmpeg.output(
        picture, f"file:{directory / release.POSTER}", update=1, **{"frames:v": 1}, **_jpeg()
    )
    _run(output, ffmpeg_binary, timeout_seconds)


def _keyframes(encoded: Path) -> Any:
    # Decoding keyframes alone costs a fiftieth of decoding the whole title.
    return ffmpeg.input(f"file:{encoded}", protocol_whitelist="file", skip_frame="nokey")["v:0"]


def _jpeg() -> dict[str, Any]:
    return {
        "c:v": "mjpeg",
        "q:v": _JPEG_QUALITY,
        "pix_fmt": "yuvj420p",
        "strict": "unofficial",
        "f": "image2",
    }


def _run(output: Any, ffmpeg_binary: str, timeout_seconds: float) -> None:
    command = output.global_args("-hide_banner", "-nostdin", "-loglevel", "error").compile(
        cmd=ffmpeg_binary, overwrite_output=True
    )
    process.run(command, timeout_seconds=timeout_seconds)
