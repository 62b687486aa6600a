"""The encoders of the picture, and the options that make each cut on the plan's grid."""

from math import ceil
from typing import Any

from nightreel.media.plan import Plan
from nightreel.media.renditions import VideoRendition


def video_options(plan: Plan, rendition: VideoRendition) -> dict[str, Any]:
    """FFmpeg's output options for one rendition of the picture."""
    options: dict[str, Any] = {
        "c:v": "libx264",
        "profile:v": "high",
        "preset": rendition.preset,
        "b:v": rendition.video_bps,
        "maxrate:v": rendition.maxrate_bps,
        "bufsize:v": rendition.buffer_bits,
        # One grid for all renditions: a keyframe exactly every GOP, none in between.
        "g": plan.gop_frames,
        "keyint_min": plan.gop_frames,
        "sc_threshold": 0,
        # Closed: no frame may refer across a cut, or switching would show garbage.
        "flags:v": "+cgop",
        # HLS and DASH measure time in the media's own units; one tick per 1/rate loses nothing.
        "video_track_timescale": _timescale(plan),
        "fps_mode": "passthrough",
        # Source chapters and tags belong to the source.
        "map_metadata": -1,
        "map_chapters": -1,
        # Signed composition offsets let the first frame be shown at 0 without an edit list,
        # which some players ignore.
        "movflags": "+negative_cts_offsets",
        "f": "mp4",
    }
    if plan.colour.dynamic_range != "sdr":
        options |= {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
    return options


def _timescale(plan: Plan) -> int:
    # Large enough for the packager to keep exact frame times, and a multiple of the rate.
    numerator = plan.frame_rate.numerator
    return numerator * ceil(10_000 / numerator)
