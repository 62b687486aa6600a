"""How close an encoded picture is to its source, measured with VMAF at a few places.

They are compared at the rendition's own size, so the figure shows the loss by encoding, not by scaling.
The model is libvmaf's default (vmaf_v0.6.1). It is for SDR, so there is no figure for HDR.
"""

import json
import tempfile
from pathlib import Path
from statistics import fmean
from typing import Any

import ffmpeg
from pydantic import BaseModel, ConfigDict

from nightreel.errors import EncoderFailed
from nightreel.media.encoding.picture import (
    UNCHANGED_FILTERS,
    decoding,
    from_moment,
    prepared_picture,
    scaled_picture,
)
from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import graph_input
from nightreel.media.renditions import EncodeJob, VideoRendition

_PLACES = (1 / 6, 1 / 2, 5 / 6)
_WINDOW_SECONDS = 0.5
# Frames that are not compared, because the rate filter and the deinterlacer need some in advance.
_RUN_UP_SECONDS = 1.0
_TIMEOUT_SECONDS = 300.0
_SMALLEST_SIDE = 64
"""In pixels; VMAF also examines the picture at a sixteenth of its size."""


class Quality(BaseModel):
    """VMAF from 0 to 100 over the compared frames: their mean, and the worst of them."""

    model_config = ConfigDict(frozen=True)

    vmaf_mean: float
    vmaf_low: float
    frames: int


def measurable(rendition: VideoRendition) -> bool:
    """Whether VMAF makes sense for it."""
    return rendition.dynamic_range == "sdr" and min(rendition.width, rendition.height) >= _SMALLEST_SIDE


def measure_quality(
    plan: Plan, rendition: VideoRendition, source: Path, encoded: Path, *, ffmpeg_binary: str
) -> Quality:
    """Compares frames from the beginning, the middle and the end of the title.

    Raises EncoderFailed with the end of FFmpeg's stderr, or if nothing could be compared.
    """
    scores = [
        score
        for first, last in _windows(plan)
        for score in _scores(plan, rendition, source, encoded, first, last, ffmpeg_binary)
    ]
    if not scores:
        raise EncoderFailed(f"no frame of {rendition.name} could be compared with its source")
    return Quality(vmaf_mean=round(fmean(scores), 2), vmaf_low=round(min(scores), 2), frames=len(scores))


def _windows(plan: Plan) -> list[tuple[int, int]]:
    """The first frame of each place and the frame after its last; no place twice."""
    # FFmpeg cannot seek past a place where times start over.
    first_part = max(1, int((plan.restarts[0].seconds - plan.lead) * plan.frame_rate)) if plan.restarts else 0
    moving = min(plan.frames - plan.held_frames, first_part or plan.frames)
    length = min(moving, max(1, round(_WINDOW_SECONDS * plan.frame_rate)))
    firsts = sorted({round(place * (moving - length)) for place in _PLACES})
    apart = [
        first for number, first in enumerate(firsts) if not number or first >= firsts[number - 1] + length
    ]
    return [(first, first + length) for first in apart]


def _scores(
    plan: Plan,
    rendition: VideoRendition,
    source: Path,
    encoded: Path,
    first: int,
    last: int,
    ffmpeg_binary: str,
) -> list[float]:
    """The VMAF of each frame of a range; empty if FFmpeg finds no keyframe to start at."""
    run_up = max(0, first - round(_RUN_UP_SECONDS * plan.frame_rate))
    seconds = float(run_up / plan.frame_rate)
    span = EncodeJob(
        kind="video",
        renditions=(rendition.name,),
        start_frame=first - run_up,
        end_frame=last - run_up,
    )
    options = decoding(plan) | from_moment(plan, seconds) | (UNCHANGED_FILTERS if plan.canvas else {})
    original = graph_input(source, **options)[str(plan.video_stream)]
    from_there = plan.model_copy(update={"late": 0.0})
    reference = scaled_picture(prepared_picture(original, from_there, span), plan, rendition)
    copy = ffmpeg.input(f"file:{encoded}", ss=f"{seconds:.6f}")["v:0"]
    copy = copy.filter("fps", fps=str(plan.frame_rate), start_time=0).filter("format", "yuv420p")
    copy = _from_zero(copy.filter("trim", start_frame=span.start_frame)).filter("setsar", "1")
    with tempfile.TemporaryDirectory(prefix="nightreel-vmaf-") as folder:
        log = Path(folder) / "vmaf.json"
        compared = ffmpeg.filter(
            [_first_frames(copy, last - first), _first_frames(reference, last - first)],
            "libvmaf",
            log_fmt="json",
            log_path=str(log),
            n_threads=2,
            shortest=1,
        )
        process.run(
            ffmpeg.output(compared, "-", format="null")
            .global_args("-hide_banner", "-nostdin", "-loglevel", "error")
            .compile(cmd=ffmpeg_binary),
            timeout_seconds=_TIMEOUT_SECONDS,
            sandbox=Sandbox(reads=(source, encoded), writes=(Path(folder),)),
        )
        if not log.exists():
            return []
        return [frame["metrics"]["vmaf"] for frame in json.loads(log.read_text())["frames"]]


def _first_frames(picture: Any, count: int) -> Any:
    return _from_zero(picture.filter("trim", end_frame=count))


def _from_zero(picture: Any) -> Any:
    return picture.filter("setpts", "PTS-STARTPTS")
