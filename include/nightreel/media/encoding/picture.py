"""The picture's path from the source to the encoder, as FFmpeg filters.

FFmpeg itself applies the clean aperture, the rotation and the mirroring before the first of them.
"""

from collections.abc import Iterator
from typing import Any

from nightreel.media.encoding.colour import converting, declaring, labelling
from nightreel.media.encoding.filters import Filter, applied
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import EncodeJob, VideoRendition
from nightreel.media.source import Canvas

UNCHANGED_FILTERS = {"reinit_filter": 0}
"""FFmpeg's option for an input whose frames `fitting` makes alike."""


def decoding(plan: Plan) -> dict[str, str]:
    """FFmpeg's options of the input that the picture is read from."""
    return {f"c:{plan.video_stream}": plan.decoder} if plan.decoder else {}


def from_moment(plan: Plan, seconds: float) -> dict[str, str]:
    """FFmpeg's options of an input whose picture begins so far into the title, at time 0."""
    begins = seconds + plan.lead - plan.late
    zero = plan.time_zero([plan.video_stream])
    return {"ss": f"{begins:.6f}"} if begins > zero else {"itsoffset": f"{zero - begins:.6f}"}


def prepared_picture(picture: Any, plan: Plan, job: EncodeJob) -> Any:
    """What all renditions share: deinterlaced, at the constant rate, the job's frames only."""
    if plan.late:
        picture = picture.filter("setpts", f"PTS+{plan.late:.6f}/TB")
    picture = applied(picture, fitting(plan.canvas))
    picture = applied(picture, declaring(plan.colour, field_mode=_field_mode(plan), alpha=plan.alpha))
    if plan.field_pictures:
        # Every pair, then every other one of them: FFmpeg's `weave` gives a frame its second field's time.
        first = "bottom" if plan.field_order == "bff" else "top"
        picture = picture.filter("doubleweave", first_field=first).filter("framestep", 2)
    if plan.deinterlace:
        # A frame from every field: motion stays as smooth as it was (Apple HLS authoring rule 1.15).
        picture = picture.filter("bwdif", mode="send_field")
    # From time 0, so that a picture that starts late keeps its place against the sound.
    picture = picture.filter("fps", fps=str(plan.frame_rate), start_time=0)
    if job.end_frame == plan.frames:
        # The rate filter may round the last frame away; it is never more than one.
        picture = picture.filter("tpad", stop=plan.held_frames + 1, stop_mode="clone")
    if job.start_frame:
        picture = picture.filter("trim", start_frame=job.start_frame).filter("setpts", "PTS-STARTPTS")
    return picture


def fitting(canvas: Canvas | None) -> Iterator[Filter]:
    """Fits frames of other sizes in, with bars where their shape differs: a browser's window was
    turned, a camera changed. Frames of the canvas' own size pass as they are.

    FFmpeg would set up all filters anew at a change, and all that follows would begin at time 0
    again: the input's option `UNCHANGED_FILTERS` keeps it from that.
    """
    if canvas is None:
        return
    width, height, shape = canvas.width, canvas.height, canvas.sample_aspect_ratio
    yield Filter.of(
        "scale",
        w=f"round(min({width},{height}*dar/({shape})))",
        h=f"round(min({height},{width}*({shape})/dar))",
        eval="frame",
    )
    yield Filter.of("pad", w=width, h=height, x="(ow-iw)/2", y="(oh-ih)/2", eval="frame")
    yield Filter.of("setsar", sar=shape)


def scaled_picture(picture: Any, plan: Plan, rendition: VideoRendition) -> Any:
    """What is specific to one rendition: its size, its colours, its pixel format."""
    # Scaled first: what is done to the colours costs by the pixel.
    picture = picture.filter("scale", w=rendition.width, h=rendition.height, flags="bicubic")
    picture = applied(picture, converting(plan.colour, rendition.dynamic_range))
    # Square pixels are what RESOLUTION promises.
    picture = picture.filter("format", rendition.pixel_format).filter("setsar", "1")
    return applied(picture, labelling(rendition.dynamic_range))


def _field_mode(plan: Plan) -> str:
    if not plan.deinterlace:
        # Frames may call themselves interlaced and be whole; no filter shall believe it.
        return "prog"
    return plan.field_order or "auto"
