"""Compares encoded pictures with what they were made of, frame by frame, by VMAF.

Each is compared with the source's picture at the encoded one's own size, so that the figure shows the loss
by encoding, not by scaling. The model is libvmaf's default (vmaf_v0.6.1). It is for SDR, so there is no
figure for HDR.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import ffmpeg

from nightreel.media.encoding.picture import (
    UNCHANGED_FILTERS,
    decoding,
    from_moment,
    prepared_picture,
    separately_scaled,
)
from nightreel.media.planning.plan import Plan
from nightreel.media.programs import process
from nightreel.media.programs.sandbox import Sandbox
from nightreel.media.programs.source_input import graph_input
from nightreel.media.renditions import EncodeJob, VideoRendition

# Frames that are not compared, because the rate filter and the deinterlacer need some in advance.
_RUN_UP_SECONDS = 1.0
_TIMEOUT_SECONDS = 300.0
_SMALLEST_SIDE = 64
"""In pixels; VMAF also examines the picture at a sixteenth of its size."""


class Window(NamedTuple):
    """Frames of a title: the first, and the one after the last."""

    first: int
    end: int

    @property
    def frames(self) -> int:
        """How many they are."""
        return self.end - self.first


class Opened(NamedTuple):
    """A source that is read from shortly before a window: its picture, and the window counted from there."""

    picture: Any
    plan: Plan
    job: EncodeJob
    seconds: float
    """Where in the title it begins."""


def measurable(rendition: VideoRendition) -> bool:
    """Whether VMAF makes sense for it."""
    return rendition.dynamic_range == "sdr" and min(rendition.width, rendition.height) >= _SMALLEST_SIDE


def seekable_frames(plan: Plan) -> int:
    """How many frames FFmpeg can seek to; none of those at the end that repeat the last one."""
    # FFmpeg cannot seek past a place where times start over.
    first_part = max(1, int((plan.restarts[0].seconds - plan.lead) * plan.frame_rate)) if plan.restarts else 0
    return min(plan.frames - plan.held_frames, first_part or plan.frames)


def opened_at(window: Window, plan: Plan, source: Path, names: Sequence[str]) -> Opened:
    """The source's picture from a window on, as the renditions with these names are made of it."""
    run_up = max(0, window.first - round(_RUN_UP_SECONDS * plan.frame_rate))
    seconds = float(run_up / plan.frame_rate)
    options = decoding(plan) | from_moment(plan, seconds) | (UNCHANGED_FILTERS if plan.canvas else {})
    job = EncodeJob(
        kind="video",
        renditions=tuple(names),
        start_frame=window.first - run_up,
        end_frame=window.end - run_up,
    )
    from_there = plan.model_copy(update={"late": 0.0})
    picture = graph_input(source, **options)[str(plan.video_stream)]
    return Opened(prepared_picture(picture, from_there, job), from_there, job, seconds)


def compare(
    plan: Plan,
    renditions: Sequence[VideoRendition],
    source: Path,
    encoded: Mapping[str, Path],
    window: Window,
    *,
    ffmpeg_binary: str,
    begins: int = 0,
    every: int = 1,
) -> dict[str, list[float]]:
    """The VMAF of the frames of a window, or of every so manieth of them, by the renditions' names.

    `encoded` has a file for each, that begins with the frame `begins` of the title. One is empty if FFmpeg
    finds no keyframe to start at. Raises EncoderFailed with the end of FFmpeg's stderr.
    """
    opened = opened_at(window, plan, source, [item.name for item in renditions])
    references = separately_scaled(opened.picture, opened.plan, renditions)
    with tempfile.TemporaryDirectory(prefix="nightreel-vmaf-") as folder:
        logs = {item.name: Path(folder) / f"{item.name}.json" for item in renditions}
        compared = [
            ffmpeg.filter(
                [
                    _first_frames(_copy(encoded[name], opened, window, begins), window.frames),
                    _first_frames(references[name], window.frames),
                ],
                "libvmaf",
                log_fmt="json",
                log_path=str(log),
                n_threads=2,
                n_subsample=every,
                shortest=1,
            )
            for name, log in logs.items()
        ]
        process.run(
            ffmpeg.merge_outputs(*(ffmpeg.output(each, "-", format="null") for each in compared))
            .global_args("-hide_banner", "-nostdin", "-loglevel", "error")
            .compile(cmd=ffmpeg_binary),
            timeout_seconds=_TIMEOUT_SECONDS,
            sandbox=Sandbox(reads=(source, *encoded.values()), writes=(Path(folder),)),
        )
        return {name: _scores(log) for name, log in logs.items()}


def _copy(encoded: Path, opened: Opened, window: Window, begins: int) -> Any:
    """An encoded file from the window's first frame on."""
    sought = {"ss": f"{opened.seconds:.6f}"} if begins < window.first else {}
    skipped = opened.job.start_frame if sought else window.first - begins
    copy = ffmpeg.input(f"file:{encoded}", **sought)["v:0"]
    copy = copy.filter("fps", fps=str(opened.plan.frame_rate), start_time=0).filter("format", "yuv420p")
    return _from_zero(copy.filter("trim", start_frame=skipped)).filter("setsar", "1")


def _scores(log: Path) -> list[float]:
    if not log.exists():
        return []
    frames = json.loads(log.read_text())["frames"]
    return [frame["metrics"]["vmaf"] for frame in frames if "vmaf" in frame["metrics"]]


def _first_frames(picture: Any, count: int) -> Any:
    return _from_zero(picture.filter("trim", end_frame=count))


def _from_zero(picture: Any) -> Any:
    return picture.filter("setpts", "PTS-STARTPTS")
