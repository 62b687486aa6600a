"""FFmpeg's output options for one rendition of the picture."""

from collections.abc import Callable
from math import ceil
from typing import Any

from nightreel.media.encoding.colour import colour_tags
from nightreel.media.encoding.encoders import nvenc, qsv, software, vaapi, videotoolbox
from nightreel.media.encoding.encoders.encoder import Encoder, Family
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import VideoCodec

_CODING: dict[Family, Callable[[VideoRendition], dict[str, Any]]] = {
    "software": software.coding,
    "nvenc": nvenc.coding,
    "qsv": qsv.coding,
    "vaapi": vaapi.coding,
    "videotoolbox": videotoolbox.coding,
}
# The parameter sets in the sample entry and nowhere else (Apple HLS authoring rule 1.10).
_SAMPLE_ENTRIES: dict[VideoCodec, str] = {"h264": "avc1", "hevc": "hvc1", "av1": "av01"}


def video_options(plan: Plan, rendition: VideoRendition, encoder: Encoder) -> dict[str, Any]:
    """All of them: how the encoder codes, where it cuts, and the file that it writes."""
    return {
        "c:v": encoder.name,
        **_CODING[encoder.family](rendition),
        **_grid(plan, encoder),
        **colour_tags(rendition.dynamic_range),
        **_file(plan, rendition),
    }


def device_arguments(encoder: Encoder) -> tuple[str, ...]:
    """FFmpeg's global options that open the encoder's device."""
    return ("-vaapi_device", encoder.device) if encoder.family == "vaapi" else ()


def uploaded(picture: Any, encoder: Encoder) -> Any:
    """The picture where the encoder takes it from: some read the device's memory, or NV12 alone."""
    if encoder.family == "vaapi":
        return picture.filter("format", "nv12").filter("hwupload")
    if encoder.family == "qsv":
        return picture.filter("format", "nv12")
    return picture


def _grid(plan: Plan, encoder: Encoder) -> dict[str, Any]:
    """One grid for all renditions: a keyframe exactly every GOP, none in between."""
    grid: dict[str, Any] = {
        "g": plan.gop_frames,
        "keyint_min": plan.gop_frames,
        "sc_threshold": 0,
        # Closed: no frame may refer across a cut, or switching would show garbage.
        "flags:v": "+cgop",
    }
    if plan.container == "ts":
        # No frame waits for a later one: players that put the first *decoded* frame of a transport
        # stream at the start of the sound would show the picture late by as long as it waits.
        grid["bf"] = 0
    if encoder.family != "software":
        # Drivers take the length of a GOP for a limit at best; what is forced is a keyframe.
        grid["force_key_frames:v"] = f"expr:eq(mod(n,{plan.gop_frames}),0)"
    return grid


def _file(plan: Plan, rendition: VideoRendition) -> dict[str, Any]:
    return {
        "tag:v": _SAMPLE_ENTRIES[rendition.codec],
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


def _timescale(plan: Plan) -> int:
    # Large enough for the packager to keep exact frame times, and a multiple of the rate.
    numerator = plan.frame_rate.numerator
    return numerator * ceil(10_000 / numerator)
