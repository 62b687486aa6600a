"""The suite `source`: what was fetched is what was recorded, and the plan is as long as it."""

from dataclasses import dataclass

from nightreel.checks.suites.rules import Rule, Suite, present, same, within
from nightreel.media.planning.plan import Plan
from nightreel.media.source import SourceProbe


@dataclass(frozen=True)
class SourceRow:
    """The source of the title. Sizes in bytes and pixels, errors in frames of the output."""

    name: str
    codec: str | None
    duration_seconds: float
    frames: int
    display_width: int
    display_height: int
    probed_bytes: int
    fetched_bytes: int
    planned_duration_error_frames: float


RULES: tuple[Rule, ...] = (
    present("source-codec", "codec", "The source's picture is not in a known format"),
    within("source-duration", "duration_seconds", 0.001, None, "The source has no duration"),
    within("source-frames", "frames", 1, None, "The source has no picture frames"),
    within("source-width", "display_width", 2, None, "The source's picture has no usable width"),
    within("source-height", "display_height", 2, None, "The source's picture has no usable height"),
    same(
        "source-size",
        "probed_bytes",
        "fetched_bytes",
        "The source that was read is not as large as the one that was fetched",
    ),
    within(
        "planned-duration",
        "planned_duration_error_frames",
        -1,
        1,
        "The plan is more than one frame longer or shorter than the source",
    ),
)


def source_suite(plan: Plan, source: SourceProbe, fetched_bytes: int) -> Suite:
    """The source as it was probed. `fetched_bytes` is its size as the fetch counted it."""
    width, height = source.video.display_size
    row = SourceRow(
        name="source",
        codec=source.video.codec or None,
        duration_seconds=source.duration,
        frames=source.frames,
        display_width=width,
        display_height=height,
        probed_bytes=source.size_bytes,
        fetched_bytes=fetched_bytes,
        planned_duration_error_frames=(plan.duration - source.lasts_after(plan.lead))
        * float(plan.frame_rate),
    )
    return Suite("source", SourceRow, (row,), RULES)
