"""How FFmpeg, ffprobe and PyAV open a file that nobody vouches for.

A source may be a script in disguise, or may refer to other files. So only local files are
opened, only by the demuxers of `inspection.containers`, which follow no reference by themselves
(FFmpeg's `enable_drefs` is off), and a file of very many tracks is given up early.
"""

from pathlib import Path
from typing import Any

import ffmpeg

MOST_STREAMS = 256
"""Tracks, attachments included: a film may well bring a hundred fonts for its subtitles."""

INPUT_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,mxf,dv,rm,wtv,ivf",
    # AVI and old program streams say when a picture is decoded, and leave open when it is shown.
    "fflags": "+genpts",
    "max_streams": str(MOST_STREAMS),
}
"""FFmpeg's options for opening a source, as a dictionary."""


def input_arguments(path: Path) -> list[str]:
    """The same on a command line, with the file at the end."""
    options = [argument for name, value in INPUT_OPTIONS.items() for argument in (f"-{name}", value)]
    return [*options, "-i", local(path)]


def graph_input(path: Path, **options: Any) -> Any:
    """The same as an input of ffmpeg-python; `options` are further ones of FFmpeg."""
    return ffmpeg.input(local(path), **INPUT_OPTIONS, **options)


def local(path: Path) -> str:
    """The file protocol is named, so that a file name can never be taken for a URL."""
    return f"file:{path}"
