"""Encode jobs: one run of FFmpeg makes one MP4 per rendition, all cut at the same frames.

The command is built in the order in which FFmpeg reads it. Every rendition is written to
an MP4 of its own; packaging comes after.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ffmpeg

from nightreel.media import process
from nightreel.media.encoders import video_options
from nightreel.media.picture import prepared_picture, scaled_picture
from nightreel.media.plan import Plan
from nightreel.media.renditions import AudioRendition, EncodeJob, TextRendition, VideoRendition
from nightreel.media.sound import audio_output
from nightreel.media.subtitles import text_output

MINIMUM_TIMEOUT_SECONDS = 600.0


def encode(
    job: EncodeJob,
    plan: Plan,
    source: Path,
    outputs: Mapping[str, Path],
    *,
    ffmpeg_binary: str,
    timeout_seconds: float,
    on_progress: Callable[[process.Progress], None] | None = None,
) -> None:
    """Run a job. `outputs` has one path per rendition of the job, by name.

    Raises EncoderFailed with the end of FFmpeg's stderr.
    """
    command = encode_command(job, plan, source, outputs, ffmpeg_binary)
    process.run(command, timeout_seconds=timeout_seconds, on_progress=on_progress)


def timeout_for(plan: Plan, factor: float) -> float:
    """Seconds an encode may take: `factor` per second of the title, and ten minutes."""
    return MINIMUM_TIMEOUT_SECONDS + factor * plan.duration


def encode_command(
    job: EncodeJob, plan: Plan, source: Path, outputs: Mapping[str, Path], ffmpeg_binary: str
) -> list[str]:
    """The command line of a job."""
    # Only local files may be opened, whatever the source's own references say.
    streams = ffmpeg.input(f"file:{source}", protocol_whitelist="file")
    if job.kind == "video":
        made = _video_outputs(streams, plan, job, outputs)
    else:
        made = [_other_output(streams, plan, name, outputs[name]) for name in job.renditions]
    command: list[str] = (
        ffmpeg.merge_outputs(*made)
        .global_args("-hide_banner", "-nostdin")
        # Warnings would bury the one line that explains a failure.
        .global_args("-loglevel", "error", "-nostats")
        .global_args("-progress", "pipe:1", "-stats_period", "1")
        .compile(cmd=ffmpeg_binary, overwrite_output=True)
    )
    return command


def _video_outputs(streams: Any, plan: Plan, job: EncodeJob, outputs: Mapping[str, Path]) -> list[Any]:
    picture = prepared_picture(streams[str(plan.video_stream)], plan, job)
    copies = (
        picture.filter_multi_output("split", len(job.renditions)) if len(job.renditions) > 1 else [picture]
    )
    return [
        _video_output(copies[position], plan, job, _video(plan, name), outputs[name])
        for position, name in enumerate(job.renditions)
    ]


def _video(plan: Plan, name: str) -> VideoRendition:
    rendition = plan.rendition(name)
    assert isinstance(rendition, VideoRendition)  # noqa: S101 - a video job names video renditions only
    return rendition


def _video_output(picture: Any, plan: Plan, job: EncodeJob, rendition: VideoRendition, path: Path) -> Any:
    options = video_options(plan, rendition) | {"frames:v": job.end_frame - job.start_frame}
    return ffmpeg.output(scaled_picture(picture, plan, rendition), f"file:{path}", **options)


def _other_output(streams: Any, plan: Plan, name: str, path: Path) -> Any:
    rendition = plan.rendition(name)
    if isinstance(rendition, TextRendition):
        return text_output(streams, plan, rendition, path)
    assert isinstance(rendition, AudioRendition)  # noqa: S101 - pictures have jobs of their own
    return audio_output(streams, plan, rendition, path)
