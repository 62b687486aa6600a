"""The suite `renditions`: a row per planned rendition, as measured from its init and media segments."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from nightreel.checks.facts.decoding import Picture
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.facts.track import TrackFacts, renditions_in
from nightreel.checks.facts.transport_rendition import sound_within
from nightreel.checks.suites.rules import (
    MISSING,
    Rule,
    Suite,
    absent,
    among,
    exactly,
    of_track,
    same,
    within,
)
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AudioRendition, VideoRendition
from nightreel.media.source import SourceProbe, nearly_square
from nightreel.vocabulary.media import VideoCodec

_UNREADABLE = "unreadable"
_SAMPLE_ENTRIES: dict[VideoCodec, str] = {"h264": "avc1", "hevc": "hvc1", "av1": "av01"}
"""Parameter sets in the sample entry alone (Apple HLS authoring rule 1.10)."""
_PROFILES: dict[VideoCodec, tuple[str, ...]] = {
    "h264": ("Constrained Baseline", "Baseline", "Main", "High"),
    "hevc": ("Main",),
    "av1": ("Main",),
}
"""H.264 High or lower, HEVC Main (Apple HLS authoring rules 1.3 and 1.6), AV1 Main."""
_HDR_PROFILES = ("Main 10",)
_SDR_COLOURS = "bt709/bt709/bt709/limited"
_HDR_COLOURS = {"pq": "bt2020/smpte2084/bt2020nc/limited", "hlg": "bt2020/arib-std-b67/bt2020nc/limited"}
"""Rec. ITU-R BT.709 and BT.2100, in the names of FFmpeg."""


@dataclass(frozen=True, kw_only=True)
class RenditionRow:
    """One rendition. Sizes in pixels; what only pictures or only sound have is None for the other.

    What is said of the start and the end is against those of the title, which a picture meets exactly.
    """

    name: str
    init_fault: str | None
    handler: str
    planned_handler: str
    codec: str
    planned_codec: str
    segment_count_error: int
    width: int | None = None
    planned_width: int | None = None
    height: int | None = None
    planned_height: int | None = None
    odd_dimensions: float | None = None
    lines_over_source: float | None = None
    aspect_error_pixels: float | None = None
    sample_aspect_ratio: str | None = None
    pixel_format: str | None = None
    planned_pixel_format: str | None = None
    profile_above_planned: str | None = None
    colours: str | None = None
    planned_colours: str | None = None
    frames: int | None = None
    planned_frames: int | None = None
    end_error_frames: float | None = None
    source_duration_error_frames: float | None = None
    segments: int | None = None
    planned_segments: int | None = None
    sample_rate: int | None = None
    planned_sample_rate: int | None = None
    channels: int | None = None
    planned_channels: int | None = None
    audio_start_error_samples: float | None = None
    audio_end_error_samples: float | None = None


RULES: tuple[Rule, ...] = of_track(
    absent("init-readable", "init_fault", "An init segment is damaged"),
    same("rendition-kind", "handler", "planned_handler", "A rendition is not of the planned kind"),
    same("rendition-codec", "codec", "planned_codec", "A rendition is not in the planned format"),
    within(
        "segment-count",
        "segment_count_error",
        -1,
        1,
        "A rendition has more or fewer segments than its duration requires",
    ),
    same("picture-segments", "segments", "planned_segments", "A picture has too many or too few segments"),
    same("picture-width", "width", "planned_width", "A picture is not as wide as planned"),
    same("picture-height", "height", "planned_height", "A picture is not as high as planned"),
    exactly("even-dimensions", "odd_dimensions", 0, "A picture has an odd number of lines or columns"),
    exactly("never-upscaled", "lines_over_source", 0, "A picture is larger than the source"),
    within(
        "same-aspect",
        "aspect_error_pixels",
        -1,
        1,
        "A picture's shape differs from the source's by more than rounding to even sizes explains",
    ),
    among("square-pixels", "sample_aspect_ratio", ["1"], "A picture's pixels are not square"),
    same(
        "pixel-format",
        "pixel_format",
        "planned_pixel_format",
        "A picture is not 4:2:0, or not of the planned bit depth",
    ),
    absent(
        "profile",
        "profile_above_planned",
        "A picture has a profile above High (H.264), Main (HEVC, AV1) or Main 10 (HDR)",
    ),
    same("colours", "colours", "planned_colours", "A picture's colours are tagged wrongly"),
    same("frame-count", "frames", "planned_frames", "A picture has too many or too few frames"),
    exactly("picture-end", "end_error_frames", 0, "A picture does not end with the title"),
    within(
        "output-duration",
        "source_duration_error_frames",
        -1,
        1,
        "A picture is more than one frame longer or shorter than the source",
    ),
    same(
        "sample-rate", "sample_rate", "planned_sample_rate", "The sound does not have the planned sample rate"
    ),
    same("sound-channels", "channels", "planned_channels", "The sound does not have the planned channels"),
    within(
        "audio-start",
        "audio_start_error_samples",
        -AAC_FRAME_SAMPLES,
        AAC_FRAME_SAMPLES,
        "The sound starts more than one AAC frame before or after the picture",
    ),
    within(
        "audio-end",
        "audio_end_error_samples",
        -AAC_FRAME_SAMPLES,
        AAC_FRAME_SAMPLES,
        "The sound ends more than one AAC frame before or after the picture",
    ),
)


def renditions_suite(tracks: Iterable[TrackFacts], plan: Plan, source: SourceProbe) -> Suite:
    """Each picture and each sound against the plan and the source."""
    rows = (row for rendition in renditions_in(tracks) for row in _rows(rendition, plan, source))
    return Suite("renditions", RenditionRow, tuple(rows), RULES)


def _rows(rendition: Rendition, plan: Plan, source: SourceProbe) -> Iterator[RenditionRow]:
    item = plan.rendition(rendition.name)
    if isinstance(item, AudioRendition):
        yield _sound_row(rendition, item, plan)
    elif isinstance(item, VideoRendition):
        yield _picture_row(rendition, item, plan, source)
        if plan.muxed_sound:
            within_it = sound_within(rendition, plan.muxed_sound.name)
            yield _sound_row(within_it, plan.muxed_sound, plan)


def _picture_row(rendition: Rendition, item: VideoRendition, plan: Plan, source: SourceProbe) -> RenditionRow:
    picture = rendition.picture
    size = (picture.width, picture.height) if picture else (0, 0)
    # A copied picture keeps its pixels, which are nearly square.
    display = (source.video.width, source.video.height) if item.copied else source.video.display_size
    hdr = item.dynamic_range != "sdr"
    profiles = _HDR_PROFILES if hdr else _PROFILES[item.codec]
    return RenditionRow(
        name=rendition.name,
        init_fault=rendition.init_fault or None,
        handler=rendition.track.handler if rendition.track else _UNREADABLE,
        planned_handler="vide",
        codec=rendition.track.format if rendition.track else _UNREADABLE,
        planned_codec=_SAMPLE_ENTRIES[item.codec],
        segment_count_error=len(rendition.segments) - plan.segments,
        width=size[0],
        planned_width=item.width,
        height=size[1],
        planned_height=item.height,
        odd_dimensions=sum(length % 2 for length in size) if picture else MISSING,
        lines_over_source=max(0, min(size) - min(display)) if picture else MISSING,
        aspect_error_pixels=_aspect_error(size, display) if picture else MISSING,
        sample_aspect_ratio=_pixel_shape(item, picture),
        pixel_format=picture.pixel_format if picture else _UNREADABLE,
        planned_pixel_format="yuv420p10le" if hdr else "yuv420p",
        profile_above_planned=None if picture and picture.profile in profiles else _profile(picture),
        colours=_colours(item, picture),
        planned_colours=_planned_colours(item),
        frames=rendition.samples,
        planned_frames=plan.frames,
        end_error_frames=_difference(rendition.end, _end(plan), plan.frame_rate),
        source_duration_error_frames=_longer(rendition.duration, source.lasts_after(plan.lead))
        * float(plan.frame_rate),
        segments=len(rendition.segments),
        planned_segments=plan.segments,
    )


def _sound_row(rendition: Rendition, item: AudioRendition, plan: Plan) -> RenditionRow:
    return RenditionRow(
        name=rendition.name,
        init_fault=rendition.init_fault or None,
        handler=rendition.track.handler if rendition.track else _UNREADABLE,
        planned_handler="soun",
        codec=rendition.track.codec if rendition.track else _UNREADABLE,
        planned_codec="mp4a.40.2",
        segment_count_error=len(rendition.segments) - plan.segments,
        sample_rate=rendition.track.timescale if rendition.track else 0,
        planned_sample_rate=item.sample_rate,
        channels=rendition.track.channels if rendition.track else 0,
        planned_channels=item.channels,
        audio_start_error_samples=_difference(rendition.start, Fraction(0), item.sample_rate),
        audio_end_error_samples=_difference(rendition.end, _end(plan), item.sample_rate),
    )


def _planned_colours(item: VideoRendition) -> str | None:
    """None for a copied picture in SDR, whose tags are the source's."""
    if item.dynamic_range == "sdr":
        return None if item.copied else _SDR_COLOURS
    return _HDR_COLOURS[item.dynamic_range]


def _colours(item: VideoRendition, picture: Picture | None) -> str | None:
    """As tagged; None where none are planned."""
    if _planned_colours(item) is None:
        return None
    return picture.colours if picture else _UNREADABLE


def _pixel_shape(item: VideoRendition, picture: Picture | None) -> str:
    """The sample aspect ratio. Those of a copied picture may be nearly square, and it need not say so."""
    if picture is None:
        return _UNREADABLE
    if item.copied and nearly_square(picture.sample_aspect_ratio or Fraction(1)):
        return "1"
    return str(picture.sample_aspect_ratio)


def _profile(picture: Picture | None) -> str:
    return (picture.profile or "unknown") if picture else _UNREADABLE


def _aspect_error(size: tuple[int, int], display: tuple[int, int]) -> float:
    """By how many pixels the longer side differs from what the source's shape asks for."""
    (width, height), (shown_width, shown_height) = size, display
    if not min(display):
        return MISSING
    if shown_width >= shown_height:
        return width - height * shown_width / shown_height
    return height - width * shown_height / shown_width


def _end(plan: Plan) -> Fraction:
    return plan.frames / plan.frame_rate


def _difference(measured: Fraction | None, expected: Fraction, units: int | Fraction) -> float:
    """Of two times, in units of which a second has so many."""
    return MISSING if measured is None else float((measured - expected) * units)


def _longer(duration: Fraction | None, due: float) -> float:
    return MISSING if duration is None else float(duration) - due
