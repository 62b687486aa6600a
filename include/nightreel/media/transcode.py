"""Encode jobs: one run of FFmpeg makes one MP4 per rendition, all cut at the same frames.

The command is built in the order in which FFmpeg reads it. Every rendition is written to
an MP4 of its own; packaging comes after.
"""

from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path
from typing import Any

import ffmpeg

from nightreel.media import process
from nightreel.media.plan import AAC_FRAME_SAMPLES, AudioRendition, EncodeJob, Plan, VideoRendition

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
    if job.kind == "audio":
        made = [_audio_output(streams, plan, plan.rendition(name), outputs[name]) for name in job.renditions]
    else:
        made = _video_outputs(streams, plan, job, outputs)
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
    picture = _prepared_picture(streams[str(plan.video_stream)], plan, job)
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


def _prepared_picture(picture: Any, plan: Plan, job: EncodeJob) -> Any:
    """What all renditions share: deinterlaced, at the constant rate, the job's frames only."""
    if plan.deinterlace:
        picture = picture.filter("bwdif", mode="send_frame")
    # From time 0, so that a picture that starts late keeps its place against the sound.
    picture = picture.filter("fps", fps=str(plan.frame_rate), start_time=0)
    if job.end_frame == plan.frames:
        # The rate filter may round the last frame away; it is never more than one.
        picture = picture.filter("tpad", stop=1, stop_mode="clone")
    if job.start_frame:
        picture = picture.filter("trim", start_frame=job.start_frame).filter("setpts", "PTS-STARTPTS")
    return picture


def _scaled_picture(picture: Any, plan: Plan, rendition: VideoRendition) -> Any:
    scale: dict[str, Any] = {"w": rendition.width, "h": rendition.height, "flags": "bicubic"}
    if plan.full_range:
        scale |= {"in_range": "full", "out_range": "limited"}
    picture = picture.filter("scale", **scale)
    if plan.tone_map:
        # Scaled first: tone mapping works in 32-bit floats and costs by the pixel.
        picture = (
            picture.filter("zscale", transfer="linear", npl=100)
            .filter("format", "gbrpf32le")
            .filter("zscale", primaries="bt709")
            .filter("tonemap", tonemap="hable", desat=0)
            .filter("zscale", transfer="bt709", matrix="bt709", range="limited")
        )
    # 8-bit 4:2:0 is what every phone decodes; square pixels are what RESOLUTION promises.
    return picture.filter("format", "yuv420p").filter("setsar", "1")


def _video_output(picture: Any, plan: Plan, job: EncodeJob, rendition: VideoRendition, path: Path) -> Any:
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
        "frames:v": job.end_frame - job.start_frame,
        "fps_mode": "passthrough",
        # Source chapters and tags belong to the source.
        "map_metadata": -1,
        "map_chapters": -1,
        # Signed composition offsets let the first frame be shown at 0 without an edit list,
        # which some players ignore.
        "movflags": "+negative_cts_offsets",
        "f": "mp4",
    }
    if plan.tone_map:
        options |= {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
    return ffmpeg.output(_scaled_picture(picture, plan, rendition), f"file:{path}", **options)


def _timescale(plan: Plan) -> int:
    # Large enough for the packager to keep exact frame times, and a multiple of the rate.
    numerator = plan.frame_rate.numerator
    return numerator * ceil(10_000 / numerator)


def _audio_output(streams: Any, plan: Plan, rendition: Any, path: Path) -> Any:
    assert isinstance(rendition, AudioRendition)  # noqa: S101 - an audio job names audio renditions only
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
