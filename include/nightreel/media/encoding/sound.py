"""A sound's path from the source to AAC, as FFmpeg filters and options."""

from pathlib import Path
from typing import Any

import ffmpeg

from nightreel.media.encoding.loudness import UNCHANGED, Adjustment, adjusted, measured
from nightreel.media.planning.channels import (
    JOINED_LAYOUTS,
    OUTPUT_LAYOUTS,
    is_ambisonic,
    is_placed,
    speakers,
)
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AudioRendition, aac_frames

_BOTH_SIDES = 0.7071
"""For a channel that is heard left and right: 3 dB less in each (Rec. ITU-R BS.775)."""


def audio_output(
    streams: Any, plan: Plan, rendition: AudioRendition, path: Path, adjustment: Adjustment = UNCHANGED
) -> Any:
    """FFmpeg's output of one sound: as long as the picture, to within an AAC frame."""
    options: dict[str, Any] = {
        "c:a": "aac",
        "profile:a": "aac_low",
        "b:a": rendition.audio_bps,
        "frames:a": audio_frames(plan),
        "map_metadata": -1,
        "map_chapters": -1,
        "use_editlist": 0,
        "f": "mp4",
    }
    return ffmpeg.output(_prepared(streams, plan, rendition, adjustment), f"file:{path}", **options)


def measuring_output(streams: Any, plan: Plan, rendition: AudioRendition) -> Any:
    """FFmpeg's output for measuring loudness: writes no file, only logs the loudness of what is encoded."""
    return ffmpeg.output(measured(_prepared(streams, plan, rendition, UNCHANGED)), "pipe:", f="null")


def may_clip(rendition: AudioRendition) -> bool:
    """Whether the mix of several channels may exceed full scale, as loud as they are."""
    return rendition.source_channels > rendition.channels


def audio_frames(plan: Plan) -> int:
    """How many AAC frames cover the picture; the last one may end less than a frame after it."""
    return aac_frames(plan.frames / plan.frame_rate)


def _prepared(streams: Any, plan: Plan, rendition: AudioRendition, adjustment: Adjustment) -> Any:
    """The samples to encode, from time 0 to the picture's end."""
    # AAC puts one frame of silence before the sound (its priming). Dropping as much from the
    # start keeps sound and picture together in every player, with or without edit lists.
    mixed = _in_layout(streams, rendition)
    return (
        adjusted(mixed, adjustment, rendition.sample_rate)
        .filter("apad")
        .filter("atrim", start_sample=AAC_FRAME_SAMPLES, end_sample=audio_frames(plan) * AAC_FRAME_SAMPLES)
        .filter("asetpts", "PTS-STARTPTS")
    )


def _in_layout(streams: Any, rendition: AudioRendition) -> Any:
    return _source_sound(streams, rendition).filter(
        "aformat", channel_layouts=OUTPUT_LAYOUTS[rendition.channels]
    )


def _source_sound(streams: Any, rendition: AudioRendition) -> Any:
    """All channels of the source's sound, from time 0 on, at the rendition's sample rate."""
    if rendition.joined:
        return _joined(streams, rendition)
    track = streams[str(rendition.stream)]
    if not is_placed(rendition.source_layout, rendition.source_channels):
        track = track.filter("pan", args=_in_stereo(rendition.source_layout, rendition.source_channels))
    return _timed(track, rendition)


def _timed(track: Any, rendition: AudioRendition) -> Any:
    # In floating point, channels are mixed without clipping and without being turned down.
    return track.filter(
        "aresample", rendition.sample_rate, **{"async": 1, "first_pts": 0, "out_sample_fmt": "fltp"}
    )


def _joined(streams: Any, rendition: AudioRendition) -> Any:
    tracks = (rendition.stream, *rendition.joined)
    # Each one is padded with silence, because a join ends with its shortest input.
    parts = [
        _timed(streams[str(track)].filter("pan", args="mono|c0=c0"), rendition).filter("apad")
        for track in tracks
    ]
    layout = JOINED_LAYOUTS[len(tracks)]
    places = "|".join(f"{number}.0-{speaker}" for number, speaker in enumerate(speakers(layout)))
    return ffmpeg.filter(parts, "join", inputs=len(parts), channel_layout=layout, map=places)


def _in_stereo(layout: str, channels: int) -> str:
    """A mix that loses nothing: the first two channels left and right, the others on both sides.

    An ambisonic sound becomes what two cardioid microphones that point left and right would hear. Its first
    channels are W and Y (ACN order, SN3D).
    """
    if is_ambisonic(layout):
        return "stereo|c0=0.5*c0+0.5*c1|c1=0.5*c0-0.5*c1"
    if channels == 1:
        return f"stereo|c0={_BOTH_SIDES}*c0|c1={_BOTH_SIDES}*c0"
    others = "".join(f"+{_BOTH_SIDES}*c{channel}" for channel in range(2, channels))
    return f"stereo|c0=c0{others}|c1=c1{others}"
