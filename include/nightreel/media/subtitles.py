"""Subtitles: a text track of the source as one WebVTT file."""

from pathlib import Path
from typing import Any

import ffmpeg

from nightreel.media.plan import Plan
from nightreel.media.renditions import TextRendition


def text_output(streams: Any, plan: Plan, rendition: TextRendition, path: Path) -> Any:
    """FFmpeg's output of one track of subtitles. Nothing is shown after the title's end."""
    return ffmpeg.output(
        streams[str(rendition.stream)],
        f"file:{path}",
        t=plan.duration,
        map_metadata=-1,
        map_chapters=-1,
        f="webvtt",
        **{"c:s": "webvtt"},
    )
