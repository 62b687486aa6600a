"""FFmpeg's command line around its filters: an output for each picture, and what all commands have."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import ffmpeg

from nightreel.media.encoding.encoders import Encoder, device_arguments, uploaded, video_options
from nightreel.media.encoding.picture import scaled_pictures
from nightreel.media.encoding.threads import thread_options
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import EncodeJob, VideoRendition

SOFTWARE: Mapping[str, Encoder] = MappingProxyType({})
AT_LADDER_RATES: Mapping[str, float] = MappingProxyType({})


def picture_outputs(
    picture: Any,
    plan: Plan,
    job: EncodeJob,
    outputs: Mapping[str, Path],
    given: Mapping[str, Encoder] = SOFTWARE,
    *,
    cores: int = 0,
    crfs: Mapping[str, float] = AT_LADDER_RATES,
) -> list[Any]:
    """An output for each picture of a job, made of what `prepared_picture` gives; see `transcode.encode`."""
    renditions = [_picture(plan, name) for name in job.renditions]
    scaled = scaled_pictures(picture, plan, renditions)
    encoders = {item.name: given.get(item.name) or Encoder(codec=item.codec) for item in renditions}
    threads = thread_options(renditions, encoders, cores)
    length = {"frames:v": job.end_frame - job.start_frame}
    return [
        ffmpeg.output(
            uploaded(scaled[item.name], encoders[item.name]),
            f"file:{outputs[item.name]}",
            **video_options(plan, item, encoders[item.name], crfs.get(item.name)),
            **threads[item.name],
            **length,
        )
        for item in renditions
    ]


def command_line(
    outputs: Sequence[Any], ffmpeg_binary: str, encoders: Mapping[str, Encoder] = SOFTWARE
) -> list[str]:
    """The command that writes these outputs, reports its progress, and marks its warnings."""
    opened = dict.fromkeys(device_arguments(encoder) for encoder in encoders.values())
    command: list[str] = (
        ffmpeg.merge_outputs(*outputs)
        .global_args("-hide_banner", "-nostdin")
        # Without it, FFmpeg counts repeated warnings, and each repaired frame is one.
        .global_args("-loglevel", "repeat+level+warning", "-nostats")
        .global_args("-progress", "pipe:1", "-stats_period", "1")
        # Each device is opened once.
        .global_args(*(argument for arguments in opened for argument in arguments))
        .compile(cmd=ffmpeg_binary, overwrite_output=True)
    )
    return command


def _picture(plan: Plan, name: str) -> VideoRendition:
    rendition = plan.rendition(name)
    assert isinstance(rendition, VideoRendition)  # noqa: S101 - a job of pictures names no others
    return rendition
