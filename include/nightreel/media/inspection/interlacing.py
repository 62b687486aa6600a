"""Measures whether a picture is made of fields, because what a file says about it is often wrong.

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
"""The places to measure at, as shares of the title's duration. Each begins at the keyframe before."""
_WINDOW_SECONDS = 2.0
_WINDOW_FRAMES = 60
"""As many as the fastest of interlaced pictures show in that time."""
_TIMEOUT_SECONDS = 300.0
_FASTEST_INTERLACED = 31
"""Frames per second: faster pictures are 50 or 60 whole frames."""
_LINES = {480, 486, 576, 1080, 1088}
"""Lines of broadcast formats (Rec. ITU-R BT.601, BT.709); other sizes were scaled, which destroys fields."""
_THRESHOLD = 1.3
"""How much closer the lines of one neighbour must be; at FFmpeg's own 1.04, patterns pass for fields."""
_MAJORITY = 3
"""To overrule the file, one kind must be seen this many times more often than the others together."""
_FEWEST = 5
"""The fewest frames that count: two pictures of a slide show prove nothing."""
_COUNTS = re.compile(r"Single frame detection: TFF: *(\d+) BFF: *(\d+) Progressive: *(\d+)")


def with_fields_measured(source: SourceProbe, path: Path, ffmpeg_binary: str) -> SourceProbe:
    """The source, with its picture marked as interlaced if it is.

    Decodes three times two seconds or a little more, or nothing if the file says progressive and its size or
    rate is that of no interlaced format. A stretch that cannot be decoded is skipped; if nothing moves, the
    file is believed.
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
    """The number of frames with the top field first, with the bottom field first, and of whole frames."""
    picture = graph_input(path, ss=f"{start:.3f}", noaccurate_seek=None)[str(stream)]
    measured = picture.filter("idet", intl_thres=_THRESHOLD)
    counted = ffmpeg.output(measured, "-", f="null", **{"frames:v": _WINDOW_FRAMES})
    command = counted.global_args("-hide_banner", "-nostdin", "-nostats").compile(cmd=ffmpeg_binary)
    try:
        said = process.run(command, timeout_seconds=_TIMEOUT_SECONDS, sandbox=Sandbox(reads=(path,)))
    except EncoderFailed:
        return 0, 0, 0
    # The last line counts, because a filter that is set up twice reports twice.
    top, bottom, whole = (_COUNTS.findall(said) or [(0, 0, 0)])[-1]
    return int(top), int(bottom), int(whole)
