"""The picture's path from the source to the encoder, as FFmpeg filters.

FFmpeg itself applies clean aperture, rotation and mirroring before the first of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nightreel.media.encoding.colour import converting, declaring, labelling
from nightreel.media.encoding.filters import Filter, applied
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import EncodeJob, VideoRendition
from nightreel.media.source import Canvas, DynamicRange

UNCHANGED_FILTERS = {"reinit_filter": 0}
"""FFmpeg's option for an input whose frames `fitting` brings to one size."""


def decoding(plan: Plan) -> dict[str, str]:
    """FFmpeg's options for the input with the picture."""
    return {f"c:{plan.video_stream}": plan.decoder} if plan.decoder else {}


def from_moment(plan: Plan, seconds: float) -> dict[str, str]:
    """FFmpeg's options for an input that begins this many seconds into the title, at time 0."""
    begins = seconds + plan.lead - plan.late
    zero = plan.time_zero([plan.video_stream])
    return {"ss": f"{begins:.6f}"} if begins > zero else {"itsoffset": f"{zero - begins:.6f}"}


def prepared_picture(picture: Any, plan: Plan, job: EncodeJob) -> Any:
    """What all renditions share: deinterlaced, at the constant rate, only the job's frames."""
    if plan.late:
        picture = picture.filter("setpts", f"PTS+{plan.late:.6f}/TB")
    picture = applied(picture, fitting(plan.canvas))
    picture = applied(picture, declaring(plan.colour, field_mode=_field_mode(plan), alpha=plan.alpha))
    if plan.field_pictures:
        # All pairs of fields, then every other pair: FFmpeg's `weave` gives a frame its second field's time.
        first = "bottom" if plan.field_order == "bff" else "top"
        picture = picture.filter("doubleweave", first_field=first).filter("framestep", 2)
    if plan.deinterlace:
        # A frame from every field: motion stays as smooth as it was (Apple HLS authoring rule 1.15).
        picture = picture.filter("bwdif", mode="send_field")
    # From time 0, so that a picture that starts late stays in sync with the sound.
    picture = picture.filter("fps", fps=str(plan.frame_rate), start_time=0)
    if job.end_frame == plan.frames:
        # The rate filter may drop the last frame by rounding, but never more than one.
        picture = picture.filter("tpad", stop=plan.held_frames + 1, stop_mode="clone")
    if job.start_frame:
        picture = picture.filter("trim", start_frame=job.start_frame).filter("setpts", "PTS-STARTPTS")
    return picture


def fitting(canvas: Canvas | None) -> Iterator[Filter]:
    """Fits in frames of other sizes, with bars if their shape differs, as when a browser's window was
    turned or a camera changed. Frames of the canvas' own size pass unchanged.

    At a change of size, FFmpeg would set up all filters again, and the rest would begin at time 0 again.
    The input's option `UNCHANGED_FILTERS` prevents that.
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


def scaled_pictures(picture: Any, plan: Plan, renditions: Iterable[VideoRendition]) -> dict[str, Any]:
    """What is encoded of each rendition, by name, made of what `prepared_picture` gives.

    Of those of one dynamic range, only the largest is made of the source: it is converted to their
    colours, and each of the others is scaled from the next larger one.
    """
    ranges: dict[DynamicRange, list[VideoRendition]] = {}
    for item in sorted(renditions, key=lambda each: each.pixels, reverse=True):
        ranges.setdefault(item.dynamic_range, []).append(item)
    made: dict[str, Any] = {}
    for start, members in zip(_copies(picture, len(ranges)), ranges.values(), strict=True):
        made |= _cascade(scaled_picture(start, plan, members[0]), members)
    return made


def scaled_picture(picture: Any, plan: Plan, rendition: VideoRendition) -> Any:
    """What differs per rendition: size, colours, pixel format."""
    # Scaled first, because converting colours costs time per pixel.
    picture = applied(_scaled(picture, rendition), converting(plan.colour, rendition.dynamic_range))
    # Square pixels are what RESOLUTION promises.
    picture = picture.filter("format", rendition.pixel_format).filter("setsar", "1")
    return applied(picture, labelling(rendition.dynamic_range))


def separately_scaled(picture: Any, plan: Plan, renditions: Sequence[VideoRendition]) -> dict[str, Any]:
    """Each rendition's picture made of the source by itself, by name: what it is compared with."""
    copies = zip(_copies(picture, len(renditions)), renditions, strict=True)
    return {item.name: scaled_picture(copy, plan, item) for copy, item in copies}


def _cascade(picture: Any, renditions: Sequence[VideoRendition]) -> Iterator[tuple[str, Any]]:
    """A picture that is as large as the first of these, and what is scaled from it for the others."""
    first, *smaller = renditions
    if smaller:
        picture, copy = _copies(picture, 2)
        yield from _cascade(_scaled(copy, smaller[0]).filter("setsar", "1"), smaller)
    yield first.name, picture


def _scaled(picture: Any, rendition: VideoRendition) -> Any:
    return picture.filter("scale", w=rendition.width, h=rendition.height, flags="bicubic")


def _copies(picture: Any, count: int) -> list[Any]:
    if count == 1:
        return [picture]
    copies = picture.filter_multi_output("split", count)
    return [copies[number] for number in range(count)]


def _field_mode(plan: Plan) -> str:
    if not plan.deinterlace:
        # Whole frames may be marked as interlaced; no filter may believe that.
        return "prog"
    return plan.field_order or "auto"
