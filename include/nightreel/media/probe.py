"""Describes a source: ffprobe's answer as typed models, and its timeline from a full demux."""

import json
from collections import deque
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from nightreel.errors import SourceRejected
from nightreel.media import process
from nightreel.media.boxes import outermost_boxes
from nightreel.media.probe_picture import video_stream
from nightreel.media.probe_tracks import audio_streams, text_streams
from nightreel.media.source import SourceProbe, VideoStream

_TRUNCATED_MESSAGES = ("partial file", "truncat", "end of file")
_DEMUX_TIMEOUT_SECONDS = 1800.0


def probe(path: Path, ffprobe: str) -> SourceProbe:
    """Describe a source, reading every packet of it once.

    Raises SourceRejected with code `unreadable`, `no_video`, `bad_picture_size`, `empty_video`
    or `truncated` when no stream can be made of it.
    """
    described = _describe(path, ffprobe)
    warnings: list[str] = []
    video = _best_video(described["streams"])
    audio = audio_streams(described["streams"], warnings)
    text = text_streams(described["streams"], warnings)
    start = _seconds(described["format"].get("start_time")) or 0.0
    timeline = _demux(path, ffprobe, video.index)
    _require_whole(timeline, described, video.index)
    duration = timeline.end - min(start, timeline.start)
    if timeline.frames == 0 or duration <= 0:
        raise SourceRejected("empty_video", "The picture track holds no frame that can be shown.")
    return SourceProbe(
        container=described["format"].get("format_name", ""),
        size_bytes=path.stat().st_size,
        video=video,
        audio=audio,
        text=text,
        duration=duration,
        frames=timeline.frames,
        warnings=tuple(warnings),
    )


def _describe(path: Path, ffprobe: str) -> dict[str, Any]:
    said: deque[str] = deque(maxlen=process.STDERR_LINES)
    command = [ffprobe, "-v", "error", "-of", "json", "-show_format", "-show_streams", _local(path)]
    text = "".join(process.lines(command, timeout_seconds=120, stderr=said))
    described: dict[str, Any] = json.loads(text or "{}")
    _require_index(path)
    if not described.get("streams") or "format" not in described:
        raise SourceRejected(
            "unreadable", f"The file cannot be read as a video: {_tell(said, path) or 'no streams'}."
        )
    return described


def _require_index(path: Path) -> None:
    """Raises SourceRejected for an MP4 that was cut off before the end of its index.

    ffprobe may still find a track or two in what is left of the index.
    """
    size = path.stat().st_size
    if size == 0:
        raise SourceRejected("unreadable", "The file is empty.")
    boxes = {box.kind: box.end for box in outermost_boxes(path)}
    if "ftyp" in boxes and boxes.get("moov", size + 1) > size:
        raise SourceRejected(
            "truncated",
            "The file has no whole index (moov): it was cut off before its end, or never finished.",
        )


def _best_video(streams: list[dict[str, Any]]) -> VideoStream:
    pictures = [
        stream
        for stream in streams
        if stream.get("codec_type") == "video" and not stream.get("disposition", {}).get("attached_pic")
    ]
    if not pictures:
        raise SourceRejected("no_video", "The file has no video track, only sound or data.")
    best = max(pictures, key=lambda stream: int(stream.get("width", 0)) * int(stream.get("height", 0)))
    if best.get("codec_name", "unknown") == "unknown":
        raise SourceRejected("unknown_codec", "The video track is in a format that cannot be decoded.")
    video = video_stream(best)
    if min(video.display_size) < 2:
        raise SourceRejected(
            "bad_picture_size", f"The picture is {video.width}×{video.height} pixels, too small to show."
        )
    return video


class _Timeline(BaseModel):
    start: float
    end: float
    frames: int
    packets: int
    said: tuple[str, ...]


def _demux(path: Path, ffprobe: str, video_index: int) -> _Timeline:
    # Every stream is read, because the sound may be what points outside the file.
    said: deque[str] = deque(maxlen=process.STDERR_LINES)
    command = [ffprobe, "-v", "error", "-of", "csv=p=0", "-show_entries"]
    command += ["packet=stream_index,pts_time,duration_time,flags", _local(path)]
    start, end, frames, packets = float("inf"), 0.0, 0, 0
    for line in process.lines(command, timeout_seconds=_DEMUX_TIMEOUT_SECONDS, stderr=said):
        index, pts, duration, flags, *_ = [*line.split(","), "", "", ""]
        if index != str(video_index):
            continue
        packets += 1
        shown = _seconds(pts)
        if shown is None or "D" in flags:
            continue
        frames += 1
        start = min(start, shown)
        end = max(end, shown + (_seconds(duration) or 0.0))
    return _Timeline(
        start=0.0 if frames == 0 else start, end=end, frames=frames, packets=packets, said=tuple(said)
    )


def _require_whole(timeline: _Timeline, described: dict[str, Any], video_index: int) -> None:
    stream = next(s for s in described["streams"] if s["index"] == video_index)
    promised = int(stream.get("nb_frames", 0) or 0)
    cut_off = any(word in line.lower() for line in timeline.said for word in _TRUNCATED_MESSAGES)
    if cut_off or (promised and timeline.packets < promised * 0.99 - 2):
        seconds = _seconds(described["format"].get("duration")) or 0.0
        raise SourceRejected(
            "truncated",
            f"The file ends early: it promises {seconds:.1f} s and {promised} frames, "
            f"but holds {timeline.end:.1f} s and {timeline.packets} frames.",
        )


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text not in (None, "", "N/A") else None
    except ValueError:
        return None


def _local(path: Path) -> str:
    # The file protocol is named, so that a file name can never be taken for a URL.
    return f"file:{path}"


def _tell(said: deque[str], path: Path) -> str:
    # Messages without addresses and paths, fit for the owner of the title.
    cleaned = [line.rpartition("] ")[2].replace(f"file:{path}: ", "") for line in said]
    return "; ".join(dict.fromkeys(cleaned))
