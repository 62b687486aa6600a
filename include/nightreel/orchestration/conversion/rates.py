"""With which quality each picture is encoded: tried where it is encoded, kept for another try."""

import logging
from collections.abc import Callable, Mapping

from nightreel.errors import EncoderFailed
from nightreel.media.encoding.crf_choice import ChosenQuality, untried
from nightreel.media.encoding.encoders import Encoder
from nightreel.media.encoding.trial_encodes import choose_qualities, with_target
from nightreel.media.planning.encode_jobs import narrowed
from nightreel.media.programs.process import Progress
from nightreel.media.renditions import EncodeJob
from nightreel.orchestration.conversion.session import Conversion
from nightreel.workspace.names import SOURCE, rate_name

log = logging.getLogger(__name__)


def choose_rates(
    job: EncodeJob,
    conversion: Conversion,
    encoders: Mapping[str, Encoder],
    cores: int,
    on_progress: Callable[[Progress], None],
) -> dict[str, float]:
    """The CRF of each picture of a job that has one, by name. What an earlier try chose is kept."""
    area = conversion.area
    untold = [name for name in job.renditions if not area.exists(rate_name(name))]
    for missing in narrowed([job], untold):
        for name, choice in _tried(missing, conversion, encoders, cores, on_progress).items():
            with area.writing(rate_name(name)) as path:
                path.write_text(choice.model_dump_json())
            log.info("%s: %s", name, _said(choice))
    choices = {name: chosen_rate(name, conversion) for name in job.renditions}
    return {name: each.crf for name, each in choices.items() if each is not None and each.crf is not None}


def chosen_rate(name: str, conversion: Conversion) -> ChosenQuality | None:
    """None for a rendition without a target."""
    if not conversion.area.exists(rate_name(name)):
        return None
    return ChosenQuality.model_validate_json(conversion.area.fetch(rate_name(name)).read_text())


def _tried(
    job: EncodeJob,
    conversion: Conversion,
    encoders: Mapping[str, Encoder],
    cores: int,
    on_progress: Callable[[Progress], None],
) -> dict[str, ChosenQuality]:
    """What cannot be tried is encoded as a short title is."""
    pictures = with_target(job, conversion.plan, encoders)
    if not pictures:
        return {}
    area = conversion.area
    try:
        return choose_qualities(
            job,
            conversion.plan,
            area.fetch(SOURCE),
            area.scratch(rate_name(job.renditions[0])).parent,
            ffmpeg_binary=conversion.binaries.ffmpeg,
            encoders=encoders,
            cores=cores,
            on_progress=on_progress,
        )
    except EncoderFailed as error:
        log.warning("no quality could be tried on %s: %s", job.label, error)
        return {item.name: untried(item) for item in pictures}


def _said(choice: ChosenQuality) -> str:
    if choice.crf is None:
        return "needs all of the ladder's rate"
    expected = "" if choice.vmaf_expected is None else f", VMAF {choice.vmaf_expected:.1f} expected"
    return f"CRF {choice.crf:g}{expected}"
