"""Whether a picture is made of fields, measured: what a file says of it is often wrong.

Progressive film is carried as interlaced video (25psf), and old tapes are digitised without the flag.
"""

import re
from pathlib import Path

import ffmpeg

from nightreel.errors import EncoderFailed
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import graph_input
from nightreel.media.source import FieldOrder, SourceProbe, VideoStream

_WINDOWS = (0.1, 0.5, 0.85)
"""Where in the title it is measured, as shares of its duration."""
_WINDOW_SECONDS = 2.0
_TIMEOUT_SECONDS = 300.0
_FASTEST_INTERLACED = 31
"""Frames per second: faster pictures are 50 or 60 whole frames."""
_LINES = {480, 486, 576, 1080, 1088}
"""Of the broadcast formats (Rec. ITU-R BT.601, BT.709); any other was scaled, which destroys fields."""
_THRESHOLD = 1.3
"""How much nearer the lines of one neighbour must be; at FFmpeg's own 1.04, patterns pass for fields."""
_MAJORITY = 3
"""How many times more frames must show one kind than the others together, to overrule the file."""
_FEWEST = 5
"""Frames that must show it: two pictures of a slide show prove nothing."""
_COUNTS = re.compile(r"Single frame detection: TFF: *(\d+) BFF: *(\d+) Progressive: *(\d+)")


def with_fields_measured(source: SourceProbe, path: Path, ffmpeg_binary: str) -> SourceProbe:
    """The source, its picture called interlaced if it is.

    Costs the decoding of three times two seconds, and nothing where the file says progressive
    and its size or rate are those of no interlaced format. A stretch that cannot be decoded is
    left out; where nothing moves, the file is believed.
    """
    video = source.video
    if video.field_pictures:
        return source
    if not (video.interlaced or _may_be_interlaced(video)):
        return source
    windows = (_count(path, video.index, start, ffmpeg_binary) for start in _window_starts(source.duration))
    top, bottom, whole = (sum(counts) for counts in zip(*windows, strict=True))
    measured = video.model_copy(update=_verdict(video, top=top, bottom=bottom, whole=whole))
    return source.model_copy(update={"video": measured})


def _may_be_interlaced(video: VideoStream) -> bool:
    rate = video.average_rate or video.nominal_rate
    return video.height in _LINES and rate is not None and rate < _FASTEST_INTERLACED


def _window_starts(duration: float) -> tuple[float, ...]:
    if duration < len(_WINDOWS) * _WINDOW_SECONDS * 2:
        return (0.0,)
    return tuple(duration * share for share in _WINDOWS)


def _verdict(video: VideoStream, *, top: int, bottom: int, whole: int) -> dict[str, bool | FieldOrder]:
    fields, others = max(top, bottom), min(top, bottom) + whole
    if fields >= _FEWEST and fields > _MAJORITY * others:
        return {"interlaced": True, "field_order": "tff" if top > bottom else "bff"}
    if whole >= _FEWEST and whole > _MAJORITY * (top + bottom):
        return {"interlaced": False, "field_order": ""}
    return {}


def _count(path: Path, stream: int, start: float, ffmpeg_binary: str) -> tuple[int, int, int]:
    """Frames that are fields with the top one first, with the bottom one first, and whole ones."""
    picture = graph_input(path, ss=f"{start:.3f}", t=_WINDOW_SECONDS)[str(stream)]
    counted = ffmpeg.output(picture.filter("idet", intl_thres=_THRESHOLD), "-", f="null")
    command = counted.global_args("-hide_banner", "-nostdin", "-nostats").compile(cmd=ffmpeg_binary)
    try:
        said = process.run(command, timeout_seconds=_TIMEOUT_SECONDS, sandbox=Sandbox(reads=(path,)))
    except EncoderFailed:
        return 0, 0, 0
    # The last line counts: a filter that is set up twice reports twice.
    top, bottom, whole = (_COUNTS.findall(said) or [(0, 0, 0)])[-1]
    return int(top), int(bottom), int(whole)
