"""What the first frames of a picture reveal that its track does not.

HEVC says in messages (SEI) beside the pictures that they are HLG, or fields, or Dolby Vision. This is
known once a few frames are decoded.
"""

import json
from collections import deque
from fractions import Fraction
from pathlib import Path
from typing import Any

from nightreel.media.inspection.probe_picture import alpha_of, colour_of, has_hdr_metadata
from nightreel.media.inspection.refusals import Refusal
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import input_arguments
from nightreel.media.source import Colour, VideoStream

FIRST_FRAMES = ("-show_frames", "-read_intervals", "%+#6")
"""ffprobe's options that show enough frames to tell fields from frames."""

_TIMEOUT_SECONDS = 120.0
_FEWEST_FIELDS = 2
_TALLEST_PIXEL_OF_FRAMES = Fraction(3, 4)
"""Flatter pixels belong to fields (Rec. ITU-R BT.601: 8:9 is the lowest; 1440 by 1080 has 4:3)."""


def as_first_frames_say(video: VideoStream, path: Path, ffprobe: str) -> VideoStream:
    """The picture, completed by what its frames say.

    Raises SourceRejected as `as_told` does, and EncoderFailed when ffprobe is killed or takes too long.
    """
    command = [ffprobe, "-v", "error", "-of", "json", *FIRST_FRAMES]
    command += ["-select_streams", str(video.index), *input_arguments(path)]
    sandbox, said = Sandbox(reads=(path,)), deque[str](maxlen=1)
    answer = process.lines(command, timeout_seconds=_TIMEOUT_SECONDS, sandbox=sandbox, stderr=said)
    return as_told(video, answered("".join(answer)).get("frames", []))


def answered(text: str) -> dict[str, Any]:
    """ffprobe's answer as JSON; empty if it broke off, as for a track without a decoder."""
    try:
        answer: dict[str, Any] = json.loads(text)
    except ValueError:
        return {}
    return answer


def as_told(video: VideoStream, frames: list[dict[str, Any]]) -> VideoStream:
    """The same, from ffprobe's `frames`; those of other tracks are ignored.

    Raises SourceRejected with code `dolby_vision_only` for a picture that only a Dolby Vision decoder can
    show: its container may have lost the record that says so.
    """
    own = [frame for frame in frames if frame.get("stream_index") == video.index]
    if not own:
        return video
    _require_base_layer(video.codec, own[0])
    changes = {
        # An MP4 with H.264 fields as samples does not say so itself. Other claims are measured later.
        "interlaced": video.interlaced or all(frame.get("interlaced_frame") for frame in own),
        "colour": _colour(video.colour, colour_of(own[0])),
        "alpha": video.alpha if alpha_of(own[0]) == "none" else alpha_of(own[0]),
        "hdr_metadata": video.hdr_metadata or has_hdr_metadata(own[0]),
    }
    told = video.model_copy(update=changes)
    return _of_two_fields(told, own) if _are_fields(video, own) else told


def _require_base_layer(codec: str, frame: dict[str, Any]) -> None:
    for side in frame.get("side_data_list", []):
        # Metadata of profile 0 in full range means that the colours are Dolby's own (IPT-PQ-C2).
        if side.get("vdr_rpu_profile") == 0 and side.get("bl_video_full_range_flag"):
            raise Refusal.DOLBY_VISION_ONLY.because(profile="10.0" if codec == "av1" else 5)


def _colour(track: Colour, frame: Colour) -> Colour:
    if track.transfer and frame.dynamic_range == "sdr":
        return track
    # DVB labels HLG as SDR for old receivers (ETSI TS 101 154, alternative transfer).
    transfer = frame.transfer or track.transfer
    if track.dynamic_range != "sdr":
        transfer = track.transfer
    return Colour(
        primaries=track.primaries or frame.primaries,
        transfer=transfer,
        matrix=track.matrix or frame.matrix,
        range=track.range,
    )


def _are_fields(video: VideoStream, frames: list[dict[str, Any]]) -> bool:
    # HEVC never codes two fields as one frame: an interlaced picture is one field (ITU-T H.265, D.3.3).
    fields = [frame for frame in frames if frame.get("interlaced_frame")]
    return video.codec == "hevc" and len(fields) >= _FEWEST_FIELDS and len(fields) == len(frames)


def _of_two_fields(field: VideoStream, frames: list[dict[str, Any]]) -> VideoStream:
    shape = field.sample_aspect_ratio
    return field.model_copy(
        update={
            "height": field.height * 2,
            "sample_aspect_ratio": shape * 2 if shape < _TALLEST_PIXEL_OF_FRAMES else shape,
            "nominal_rate": _halved(field.nominal_rate),
            "average_rate": _halved(field.average_rate),
            "interlaced": True,
            "field_order": "tff" if frames[0].get("top_field_first") else "bff",
            "field_pictures": True,
        }
    )


def _halved(rate: Fraction | None) -> Fraction | None:
    return None if rate is None else rate / 2
