"""Shows frames of the source beside the same frames of the best rendition."""

from pathlib import Path

import ffmpeg

from corpus.outcome import Outcome
from nightreel.errors import EncoderFailed
from nightreel.media.encoding.filters import applied
from nightreel.media.encoding.picture import UNCHANGED_FILTERS, decoding, fitting, from_moment
from nightreel.media.encoding.running_on import running_on
from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import graph_input

_HEIGHT = 360
_MOMENTS = (0.1, 0.5, 0.8)
"""The moments of the pairs, as shares of the duration."""
_TIMEOUT_SECONDS = 120.0


def write_contact_sheet(outcome: Outcome, path: Path, ffmpeg_binary: str) -> bool:
    """A row per moment: the source on the left, the output on the right.

    The source is decoded in FFmpeg's own way, with frames of other sizes inside bars. HDR is clipped to
    what SDR can express, which shows how bright and colourful the rest must be.

    Returns False if there is no output to show, or no frame of the source that can be decoded there.
    """
    plan = outcome.plan
    if plan is None:
        return False
    best = [item for item in plan.video if item.codec == "h264"][-1]
    rows = [_pair(outcome, plan, outcome.encoded[best.name], second) for second in seconds_shown(plan)]
    sheet = ffmpeg.filter(rows, "vstack", inputs=len(rows)) if len(rows) > 1 else rows[0]
    command = (
        ffmpeg.output(sheet, f"file:{path}", **{"frames:v": 1, "update": 1, "f": "image2"})
        .global_args("-hide_banner", "-nostdin", "-loglevel", "error")
        .compile(cmd=ffmpeg_binary, overwrite_output=True)
    )
    sandbox = Sandbox(reads=(outcome.case.path, outcome.encoded[best.name]), writes=(path.parent,))
    try:
        process.run(command, timeout_seconds=_TIMEOUT_SECONDS, sandbox=sandbox)
    except EncoderFailed:
        return False
    return True


def seconds_shown(plan: Plan) -> list[float]:
    """The moments of a title, without repetition: a title of one frame has only one."""
    moving = float((plan.frames - plan.held_frames) / plan.frame_rate)
    # One frame earlier, so that the only frame of a title is found.
    frame = float(1 / plan.frame_rate)
    return sorted({max(0.0, moving * moment - frame) for moment in _MOMENTS})


def _pair(outcome: Outcome, plan: Plan, output: Path, seconds: float) -> ffmpeg.nodes.FilterableStream:
    left = _source_at(outcome.case.path, plan, seconds)
    if plan.colour.dynamic_range != "sdr":
        left = (
            left.filter("zscale", transfer="linear", npl=203)
            .filter("format", "gbrpf32le")
            .filter("zscale", primaries="bt709")
            .filter("tonemap", tonemap="clip", desat=0)
            .filter("zscale", transfer="bt709", matrix="bt709", range="limited")
        )
    left = left.filter("scale", w="iw*sar", h="ih").filter("setsar", "1")
    right = graph_input(output, ss=seconds)["v:0"]
    return ffmpeg.filter([_sized(left, plan), _sized(right, plan)], "hstack", inputs=2)


def _source_at(path: Path, plan: Plan, seconds: float) -> ffmpeg.nodes.FilterableStream:
    options = decoding(plan) | running_on(plan) | (UNCHANGED_FILTERS if plan.canvas else {})
    if plan.restarts:
        # FFmpeg cannot seek past a place where times start over.
        whole = graph_input(path, **options)[str(plan.video_stream)]
        picture = whole.filter("trim", start=seconds).filter("setpts", "PTS-STARTPTS")
    else:
        picture = graph_input(path, **options | from_moment(plan, seconds))[str(plan.video_stream)]
    return applied(picture, fitting(plan.canvas))


def _sized(picture: ffmpeg.nodes.FilterableStream, plan: Plan) -> ffmpeg.nodes.FilterableStream:
    shape = plan.video[-1]
    width = round(_HEIGHT * shape.width / shape.height / 2) * 2
    return picture.filter("scale", w=width, h=_HEIGHT).filter("format", "rgb24").filter("setsar", "1")
