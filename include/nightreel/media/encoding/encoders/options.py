"""FFmpeg's output options for one rendition of the picture."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import Any

from nightreel.media.encoding.colour import colour_tags
from nightreel.media.encoding.encoders import nvenc, qsv, software, vaapi, videotoolbox
from nightreel.media.encoding.encoders.encoder import Encoder
from nightreel.media.planning.grid import Grid
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import Hardware, VideoCodec

_ON_HARDWARE: dict[Hardware, Callable[[VideoRendition], dict[str, Any]]] = {
    "nvenc": nvenc.coding,
    "qsv": qsv.coding,
    "vaapi": vaapi.coding,
    "videotoolbox": videotoolbox.coding,
}
SAMPLE_ENTRIES: dict[VideoCodec, str] = {"h264": "avc1", "hevc": "hvc1", "av1": "av01"}
"""Parameter sets only in the sample entry (Apple HLS authoring rule 1.10)."""
_HALF = Fraction(1, 2)


def video_options(
    plan: Plan, rendition: VideoRendition, encoder: Encoder, crf: float | None = None
) -> dict[str, Any]:
    """All options: how the encoder codes, where it cuts, and which file it writes.

    An encoder in software takes a quality, `crf`, in place of the ladder's average rate.
    """
    return {
        "c:v": encoder.name,
        **_coding(rendition, encoder, crf),
        **_grid(plan, encoder),
        **colour_tags(rendition.dynamic_range),
        **_file(plan, rendition),
    }


def _coding(rendition: VideoRendition, encoder: Encoder, crf: float | None) -> dict[str, Any]:
    if encoder.family == "software":
        return software.coding(rendition, crf)
    return _ON_HARDWARE[encoder.family](rendition)


def device_arguments(encoder: Encoder) -> tuple[str, ...]:
    """FFmpeg's global options that open the encoder's device."""
    return ("-vaapi_device", encoder.device) if encoder.family == "vaapi" else ()


def uploaded(picture: Any, encoder: Encoder) -> Any:
    """The picture as the encoder takes it: some read the device's memory, some only NV12."""
    if encoder.family == "vaapi":
        return picture.filter("format", "nv12").filter("hwupload")
    if encoder.family == "qsv":
        return picture.filter("format", "nv12")
    return picture


def _grid(plan: Plan, encoder: Encoder) -> dict[str, Any]:
    """One grid for all renditions: a keyframe exactly where a GOP starts, none in between."""
    grid: dict[str, Any] = {
        "g": plan.gop_frames,
        "keyint_min": plan.gop_frames,
        "sc_threshold": 0,
        # Closed: no frame may refer across a cut, or switching would show garbage.
        "flags:v": "+cgop",
    }
    if plan.container == "ts":
        # No frame waits for a later one. Players that put the first *decoded* frame of a transport
        # stream at the start of the sound would show the picture late by as long as it waits.
        grid["bf"] = 0
    if plan.has_own_grid:
        grid["force_key_frames:v"] = _keyframe_times(plan.grid)
    elif encoder.family != "software":
        # To drivers the GOP length is at best a limit; only forced keyframes are certain.
        grid["force_key_frames:v"] = f"expr:eq(mod(n,{plan.gop_frames}),0)"
    return grid


def _keyframe_times(grid: Grid) -> str:
    """In seconds. FFmpeg takes the first frame that is not before such a time.

    So half a frame early is certain, and hundredths are exact enough for all rates up to 60 fps.
    """
    return ",".join(f"{max(0.0, float((frame - _HALF) / grid.frame_rate)):.2f}" for frame in grid.keyframes)


def _file(plan: Plan, rendition: VideoRendition) -> dict[str, Any]:
    return {
        "tag:v": SAMPLE_ENTRIES[rendition.codec],
        # HLS and DASH measure time in the media's own units, so these must express frame times exactly.
        "video_track_timescale": timescale(plan.frame_rate),
        "fps_mode": "passthrough",
        # Source chapters and tags belong to the source.
        "map_metadata": -1,
        "map_chapters": -1,
        # Signed composition offsets let the first frame be shown at 0 without an edit list,
        # which some players ignore.
        "movflags": "+negative_cts_offsets",
        "f": "mp4",
    }


def timescale(frame_rate: Fraction) -> int:
    """Ticks per second of a picture's track: a multiple of the rate, so that frame times are whole."""
    # Large enough for the packager to keep exact frame times.
    return frame_rate.numerator * ceil(10_000 / frame_rate.numerator)
