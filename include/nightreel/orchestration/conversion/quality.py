"""How close each rendition is to its source: measured after its encode, kept for the release's manifest."""

import logging

from nightreel.errors import EncoderFailed
from nightreel.media.encoding.comparison import measurable
from nightreel.media.encoding.quality import Quality, measure_quality
from nightreel.media.renditions import EncodeJob, VideoRendition
from nightreel.orchestration.conversion.rates import chosen_rate
from nightreel.orchestration.conversion.session import Conversion
from nightreel.workspace.names import SOURCE, encoded_name, quality_name

log = logging.getLogger(__name__)


def measure_renditions(job: EncodeJob, conversion: Conversion) -> None:
    """Compares the pictures of a job with the source. A title is published without a figure too."""
    if not conversion.settings.measure_quality:
        return
    area, plan = conversion.area, conversion.plan
    pictures = [
        item
        for item in map(plan.rendition, job.renditions)
        if isinstance(item, VideoRendition) and measurable(item)
    ]
    if not pictures:
        return
    try:
        measured = measure_quality(
            plan,
            pictures,
            area.fetch(SOURCE),
            {item.name: area.fetch(encoded_name(item.name)) for item in pictures},
            ffmpeg_binary=conversion.binaries.ffmpeg,
        )
    except EncoderFailed as error:
        log.warning("the quality of %s could not be measured: %s", job.label, error)
        return
    for name, quality in measured.items():
        log.info("%s: VMAF %.1f, at its worst %.1f", name, quality.vmaf_mean, quality.vmaf_low)
        choice = chosen_rate(name, conversion)
        if choice is not None:
            quality = quality.model_copy(update=choice.model_dump())
        with area.writing(quality_name(name)) as path:
            path.write_text(quality.model_dump_json())


def measured_quality(name: str, conversion: Conversion) -> dict[str, float]:
    """The figures of a rendition; empty where it was not measured."""
    area = conversion.area
    if not area.exists(quality_name(name)):
        return {}
    return Quality.model_validate_json(area.fetch(quality_name(name)).read_text()).model_dump(
        exclude_none=True
    )
