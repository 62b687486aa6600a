"""A sound's way from the source to AAC, as FFmpeg filters and options."""

from math import ceil
from pathlib import Path
from typing import Any

import ffmpeg

from nightreel.media.plan import Plan
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AudioRendition


def audio_output(streams: Any, plan: Plan, rendition: AudioRendition, path: Path) -> Any:
    """FFmpeg's output of one sound: exactly as long as the picture, within an AAC frame."""
    # AAC puts one frame of silence before the sound (its priming). Dropping as much from the
    # start keeps sound and picture together in every player, with or without edit lists.
    frames = audio_frames(plan)
    sound = (
        streams[str(rendition.stream)]
        .filter("aresample", rendition.sample_rate, **{"async": 1, "first_pts": 0})
        .filter("aformat", channel_layouts="stereo")
        .filter("apad")
        .filter("atrim", start_sample=AAC_FRAME_SAMPLES, end_sample=frames * AAC_FRAME_SAMPLES)
        .filter("asetpts", "PTS-STARTPTS")
    )
    options: dict[str, Any] = {
        "c:a": "aac",
        "profile:a": "aac_low",
        "b:a": rendition.audio_bps,
        "frames:a": frames,
        "map_metadata": -1,
        "map_chapters": -1,
        "use_editlist": 0,
        "f": "mp4",
    }
    return ffmpeg.output(sound, f"file:{path}", **options)


def audio_frames(plan: Plan) -> int:
    """AAC frames that cover the picture: the last one may pass its end, by less than a frame."""
    samples = plan.frames / plan.frame_rate * 48_000
    return max(2, ceil(samples / AAC_FRAME_SAMPLES))
