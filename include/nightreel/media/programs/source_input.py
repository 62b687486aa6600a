"""How FFmpeg, ffprobe and PyAV open an untrusted file.

A source may be a script in disguise, or refer to other files. So only local files are opened, only by the
demuxers of `inspection.containers`, which follow no references (FFmpeg's `enable_drefs` is off), and a file
with very many tracks is given up early.
"""

from pathlib import Path
from typing import Any

import ffmpeg

MOST_STREAMS = 256
"""Tracks, including attachments: a film may bring a hundred fonts for its subtitles."""

INPUT_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,mxf,dv,rm,wtv,ivf",
    # AVI and old program streams say when a picture is decoded, but not when it is shown.
    "fflags": "+genpts",
    "max_streams": str(MOST_STREAMS),
}
"""FFmpeg's options for opening a source, as a dictionary."""


def input_arguments(path: Path) -> list[str]:
    """The same for a command line, with the file at the end."""
    options = [argument for name, value in INPUT_OPTIONS.items() for argument in (f"-{name}", value)]
    return [*options, "-i", local(path)]


def graph_input(path: Path, **options: Any) -> Any:
    """The same as an input of ffmpeg-python; `options` are further FFmpeg options."""
    return ffmpeg.input(local(path), **INPUT_OPTIONS, **options)


def local(path: Path) -> str:
    """The path with the file protocol, so that no file name can be taken for a URL."""
    return f"file:{path}"
