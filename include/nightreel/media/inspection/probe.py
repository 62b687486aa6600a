"""Describes a source: ffprobe's answer as typed models, and its timeline from a full demux."""

import json
from collections import deque
from pathlib import Path
from typing import Any

from nightreel.media.inspection.boxes import is_copy_protected, outermost_boxes
from nightreel.media.inspection.probe_picture import as_first_frame_says, video_stream
from nightreel.media.inspection.probe_tracks import audio_streams, text_streams
from nightreel.media.inspection.refusals import Refusal
from nightreel.media.inspection.sniff import require_media
from nightreel.media.inspection.timeline import MOST_PACKETS, demux, require_sane, require_whole, seconds
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import MOST_STREAMS, input_arguments
from nightreel.media.source import SourceProbe, VideoStream

LONGEST_SIDE = 16_384
MOST_PIXELS = 8192 * 8192
"""Room for 8K, and for the squares and panoramas of virtual reality."""

_DESCRIBE_TIMEOUT_SECONDS = 120.0
_TOO_MANY_STREAMS_MESSAGE = "exceeds max_streams"
_LINES_HEARD = 1000
_MESSAGES_TOLD = 3
_UNKNOWN = "unknown"
_OF_BOXES = ("mp4", "mov")


def probe(path: Path, ffprobe: str) -> SourceProbe:
    """Describe a source, reading every packet of it once.

    Raises SourceRejected with a code of `refusals` when no stream can be made of it, and
    EncoderFailed when ffprobe is killed or takes too long.
    """
    if require_media(path) in _OF_BOXES:
        _require_index(path)
    described = _describe(path, ffprobe)
    warnings: list[str] = []
    video = _best_video(described["streams"])
    start = seconds(described["format"].get("start_time")) or 0.0
    timeline = demux(path, ffprobe, video.index)
    require_whole(timeline, path, ffprobe, described, video.index)
    require_sane(timeline, start)
    video = as_first_frame_says(video, path, ffprobe)
    audio = audio_streams(described["streams"], timeline.filled, warnings)
    text = text_streams(described["streams"], timeline.filled, warnings)
    return SourceProbe(
        container=described["format"].get("format_name", ""),
        size_bytes=path.stat().st_size,
        video=video.model_copy(update={"sustained_rate": timeline.sustained_rate}),
        audio=audio,
        text=text,
        start=start,
        picture_start=timeline.start - min(start, timeline.start),
        duration=timeline.end - min(start, timeline.start),
        frames=timeline.frames,
        warnings=tuple(warnings),
    )


def _require_index(path: Path) -> None:
    """Raises SourceRejected for an MP4 that was cut off before the end of its index, or cannot be read.

    ffprobe may still find a track or two in what is left of the index.
    """
    size = path.stat().st_size
    boxes = {box.kind: box.end for box in outermost_boxes(path)}
    if boxes and boxes.get("moov", size + 1) > size:
        raise Refusal.NO_INDEX.because()
    if is_copy_protected(path):
        raise Refusal.COPY_PROTECTED.because()


def _describe(path: Path, ffprobe: str) -> dict[str, Any]:
    said: deque[str] = deque(maxlen=_LINES_HEARD)
    command = [ffprobe, "-v", "error", "-of", "json", "-show_format", "-show_streams", *input_arguments(path)]
    sandbox = Sandbox(reads=(path,))
    answer = process.lines(command, timeout_seconds=_DESCRIBE_TIMEOUT_SECONDS, sandbox=sandbox, stderr=said)
    text = "".join(answer)
    if any(_TOO_MANY_STREAMS_MESSAGE in line for line in said):
        raise Refusal.TOO_MANY_STREAMS.because(most=MOST_STREAMS)
    described: dict[str, Any] = json.loads(text or "{}")
    if sum(int(stream.get("nb_frames", 0) or 0) for stream in described.get("streams", [])) > MOST_PACKETS:
        raise Refusal.TOO_MANY_PACKETS.because(most=MOST_PACKETS)
    if not described.get("streams") or "format" not in described:
        raise Refusal.UNREADABLE.because(said=_tell(said, path) or "it holds no tracks")
    return described


def _best_video(streams: list[dict[str, Any]]) -> VideoStream:
    """The largest picture that moves and can be decoded. Raises SourceRejected when there is none."""
    pictures = [
        stream
        for stream in streams
        if stream.get("codec_type") == "video" and not stream.get("disposition", {}).get("attached_pic")
    ]
    if not pictures:
        raise Refusal.NO_VIDEO.because()
    best = max(pictures, key=_worth)
    if best.get("codec_name", _UNKNOWN) == _UNKNOWN:
        raise Refusal.UNKNOWN_CODEC.because()
    video = video_stream(best)
    _require_picture_size(video)
    return video


def _worth(stream: dict[str, Any]) -> tuple[bool, bool, int]:
    decodable = stream.get("codec_name", _UNKNOWN) != _UNKNOWN
    # A track of one frame is a cover or a thumbnail, unless there is nothing else.
    moves = stream.get("nb_frames") != "1"
    return decodable, moves, int(stream.get("width", 0)) * int(stream.get("height", 0))


def _require_picture_size(video: VideoStream) -> None:
    width, height = video.display_size
    if min(width, height) < 2:
        raise Refusal.BAD_PICTURE_SIZE.because(width=video.width, height=video.height)
    if max(width, height) > LONGEST_SIDE or video.width * video.height > MOST_PIXELS:
        raise Refusal.PICTURE_TOO_LARGE.because(
            width=width, height=height, longest=LONGEST_SIDE, megapixels=MOST_PIXELS // 1_000_000
        )


def _tell(said: deque[str], path: Path) -> str:
    # Messages without addresses and paths, fit for the owner of the title.
    cleaned = [line.rpartition("] ")[2].replace(f"file:{path}: ", "") for line in said]
    return "; ".join(list(dict.fromkeys(cleaned))[-_MESSAGES_TOLD:])
