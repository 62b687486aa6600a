"""The picture's way from the source to the encoder, as FFmpeg filters."""

from typing import Any

from nightreel.media.plan import Plan
from nightreel.media.renditions import EncodeJob, VideoRendition


def prepared_picture(picture: Any, plan: Plan, job: EncodeJob) -> Any:
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


def scaled_picture(picture: Any, plan: Plan, rendition: VideoRendition) -> Any:
    scale: dict[str, Any] = {"w": rendition.width, "h": rendition.height, "flags": "bicubic"}
    if plan.colour.range == "full":
        scale |= {"in_range": "full", "out_range": "limited"}
    picture = picture.filter("scale", **scale)
    if plan.colour.dynamic_range != "sdr" and rendition.dynamic_range == "sdr":
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
