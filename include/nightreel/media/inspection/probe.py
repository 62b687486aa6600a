"""Describes a source: ffprobe's answer as typed models, and its timeline from a full demux."""

from collections import deque
from pathlib import Path
from typing import Any

from nightreel.media.inspection.boxes import is_copy_protected, outermost_boxes
from nightreel.media.inspection.ebml import recordings_in
from nightreel.media.inspection.edits import late_by
from nightreel.media.inspection.first_frames import answered, as_first_frames_say
from nightreel.media.inspection.held_picture import cut_sounds, held_for_sound
from nightreel.media.inspection.probe_picture import told_of_depth, video_stream
from nightreel.media.inspection.probe_tracks import audio_streams, tell_of_ancillary, text_streams
from nightreel.media.inspection.refusals import Refusal
from nightreel.media.inspection.restarts import on_the_titles_clock, told_of_restarts
from nightreel.media.inspection.sample_tables import require_plausible_tables
from nightreel.media.inspection.sniff import require_media
from nightreel.media.inspection.timeline import (
    MOST_PACKETS,
    Timeline,
    demux,
    require_sane,
    require_whole,
    seconds,
)
from nightreel.media.inspection.track_languages import with_full_languages
from nightreel.media.inspection.which_picture import film_of, picture_tracks, why_left_out
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import MOST_STREAMS, input_arguments
from nightreel.media.renditions import NARROWEST_SHAPE
from nightreel.media.source import FoundTrack, SourceProbe, VideoStream

LONGEST_SIDE = 16_384
MOST_PIXELS = 8192 * 8192
"""Enough for 8K, and for the squares and panoramas of virtual reality."""

_DESCRIBE_TIMEOUT_SECONDS = 120.0
_TOO_MANY_STREAMS_MESSAGE = "exceeds max_streams"
_LINES_HEARD = 1000
_MESSAGES_TOLD = 3
_UNKNOWN = "unknown"
_OF_BOXES = ("mp4", "mov")
_MAY_JUMP = {"mpegts", "mpeg", "ogg"}
"""Containers whose times may jump (FFmpeg's AVFMT_TS_DISCONT)."""


def probe(path: Path, ffprobe: str) -> SourceProbe:
    """Describe a source, reading every packet of it once.

    Raises SourceRejected with a code of `refusals` when it cannot become a stream, and EncoderFailed when
    ffprobe is killed or takes too long.
    """
    is_of_boxes = require_media(path) in _OF_BOXES
    if is_of_boxes:
        _require_index(path)
    described = _describe(path, ffprobe)
    warnings: list[str] = []
    left_out: dict[int, str] = {}
    container = described["format"].get("format_name", "")
    start = seconds(described["format"].get("start_time")) or 0.0
    video, timeline = _film(path, ffprobe, described["streams"], left_out)
    warnings += told_of_depth(_stream(described["streams"], video.index))
    require_whole(timeline, path, ffprobe, described, video.index)
    audio = audio_streams(described["streams"], timeline.filled, left_out)
    text = text_streams(described["streams"], timeline.filled, left_out)
    tell_of_ancillary(described["streams"], left_out)
    late = 0.0
    if timeline.frames and timeline.start < start and is_of_boxes:
        late = late_by(path, ffprobe, _stream(described["streams"], video.index))
        timeline = timeline.later(late, video.index)
    first = min(start, timeline.start)
    sounds = {sound.index: timeline.spans[sound.index] for sound in audio}
    held = held_for_sound(timeline.end, sounds.values())
    require_sane(timeline, start, held)
    warnings += cut_sounds(timeline.end + held, first, sounds)
    restarts = on_the_titles_clock(timeline.restarts, first, container)
    warnings += told_of_restarts(restarts, container, parts=recordings_in(path))
    video = as_first_frames_say(video, path, ffprobe)
    return SourceProbe(
        container=container,
        size_bytes=path.stat().st_size,
        video=_with_rates(video, timeline),
        audio=audio,
        text=text,
        start=start,
        begins=_beginnings(described["streams"], start, container),
        early=max(0.0, start - timeline.start),
        late=late,
        picture_start=timeline.start - first,
        duration=timeline.end + held - first,
        held=held,
        frames=timeline.frames,
        restarts=restarts,
        tracks=tuple(_found(stream, left_out) for stream in described["streams"]),
        warnings=tuple(warnings),
    )


def _beginnings(streams: list[dict[str, Any]], start: float, format_name: str) -> dict[int, float]:
    """Seconds after the file's `start` at which each track begins, where FFmpeg's time 0 depends on it.

    In containers whose times may jump, time 0 is the beginning of the first track that FFmpeg is told
    to read. In all others it is the file's beginning, and the result is empty.
    """
    if _MAY_JUMP.isdisjoint(format_name.split(",")):
        return {}
    told = {stream["index"]: seconds(stream.get("start_time")) for stream in streams}
    return {index: max(0.0, begins - start) for index, begins in told.items() if begins is not None}


def _require_index(path: Path) -> None:
    """Raises SourceRejected for an MP4 that was cut off before the end of its index, or cannot be read.

    ffprobe may still find a track or two in what is left of the index.
    """
    size = path.stat().st_size
    found = list(outermost_boxes(path))
    boxes = {box.kind: box.end for box in found}
    if boxes and boxes.get("moov", size + 1) > size:
        raise Refusal.NO_INDEX.because()
    if [box.kind for box in found].count("moov") > 1 and "moof" not in boxes:
        # FFmpeg reads the first index and ignores all others.
        raise Refusal.JOINED.because(first="the first")
    if is_copy_protected(path):
        raise Refusal.COPY_PROTECTED.because()
    require_plausible_tables(path)


def _describe(path: Path, ffprobe: str) -> dict[str, Any]:
    said: deque[str] = deque(maxlen=_LINES_HEARD)
    command = [ffprobe, "-v", "error", "-of", "json", "-show_format", "-show_streams", *input_arguments(path)]
    sandbox = Sandbox(reads=(path,))
    answer = process.lines(command, timeout_seconds=_DESCRIBE_TIMEOUT_SECONDS, sandbox=sandbox, stderr=said)
    text = "".join(answer)
    if any(_TOO_MANY_STREAMS_MESSAGE in line for line in said):
        raise Refusal.TOO_MANY_STREAMS.because(most=MOST_STREAMS)
    described = answered(text)
    if _promised_pictures(described.get("streams", [])) > MOST_PACKETS:
        raise Refusal.TOO_MANY_PACKETS.because(most=MOST_PACKETS)
    if not described.get("streams") or "format" not in described:
        raise Refusal.UNREADABLE.because(said=_tell(said, path) or "it holds no tracks")
    described["streams"] = with_full_languages(described["streams"], path)
    return described


def _promised_pictures(streams: list[dict[str, Any]]) -> int:
    """Counts only pictures: for uncompressed sound FFmpeg counts samples, and there may be billions."""
    return sum(int(each.get("nb_frames") or 0) for each in streams if each.get("codec_type") == "video")


def _film(
    path: Path, ffprobe: str, streams: list[dict[str, Any]], left_out: dict[int, str]
) -> tuple[VideoStream, Timeline]:
    """The picture that a player would show, and when; `left_out` gets the sentences about the others.

    Raises SourceRejected when there is none that can be shown.
    """
    guess = film_of(picture_tracks(streams))
    if guess is None:
        raise Refusal.NO_VIDEO.because()
    timeline = demux(path, ffprobe, guess.index)
    # Only now is it known what each track contains: Matroska's headers do not say.
    pictures = picture_tracks(streams, timeline.spans)
    film = film_of(pictures) or guess
    if not film.decodable:
        raise Refusal.UNKNOWN_CODEC.because()
    video = video_stream(_stream(streams, film.index))
    _require_picture_size(video)
    if film.index != guess.index:
        timeline = demux(path, ffprobe, film.index)
    left_out.update((each.index, why_left_out(each, film)) for each in pictures if each.index != film.index)
    return video, timeline


def _stream(streams: list[dict[str, Any]], index: int) -> dict[str, Any]:
    return next(stream for stream in streams if stream["index"] == index)


def _found(stream: dict[str, Any], left_out: dict[int, str]) -> FoundTrack:
    index = stream["index"]
    return FoundTrack(index=index, kind=stream.get("codec_type", _UNKNOWN), left_out=left_out.get(index, ""))


def _with_rates(video: VideoStream, timeline: Timeline) -> VideoStream:
    """The picture with the frame rates that were measured."""
    pictures = 2 if video.field_pictures else 1
    sustained, steady = (
        None if rate is None else rate / pictures for rate in (timeline.sustained_rate, timeline.steady_rate)
    )
    return video.model_copy(update={"sustained_rate": sustained, "steady_rate": steady})


def _require_picture_size(video: VideoStream) -> None:
    width, height = video.display_size
    if min(width, height) < 2 or max(width, height) > min(width, height) * NARROWEST_SHAPE:
        raise Refusal.BAD_PICTURE_SIZE.because(width=video.width, height=video.height)
    if max(width, height) > LONGEST_SIDE or video.width * video.height > MOST_PIXELS:
        raise Refusal.PICTURE_TOO_LARGE.because(
            width=width, height=height, longest=LONGEST_SIDE, megapixels=MOST_PIXELS // 1_000_000
        )


def _tell(said: deque[str], path: Path) -> str:
    # Messages without addresses and paths, fit for the owner of the title.
    cleaned = [line.rpartition("] ")[2].replace(f"file:{path}: ", "") for line in said]
    return "; ".join(list(dict.fromkeys(cleaned))[-_MESSAGES_TOLD:])
