"""Which encoder makes each picture: chosen where it is encoded, kept for the release's manifest."""

import logging

from airflow.sdk.execution_time.context import TaskStateStoreAccessor

from nightreel.media.encoding.encoders import Encoder
from nightreel.media.encoding.hardware import EncoderChoice, choose_encoder
from nightreel.media.renditions import EncodeJob, VideoRendition
from nightreel.orchestration.conversion.session import Conversion
from nightreel.vocabulary.media import EncoderSetting
from nightreel.workspace.names import encoder_name

log = logging.getLogger(__name__)

HARDWARE_KEY = "hardware"
"""The task's state: the hardware that its latest try encodes with."""


def choose_encoders(
    job: EncodeJob, conversion: Conversion, store: TaskStateStoreAccessor
) -> dict[str, Encoder]:
    """The encoder of each picture of a job, by name; logged, and kept in the work area.

    Under `auto`, a try after one that began with hardware takes software: whatever ended the
    other, no driver can end this one. Raises ConfigurationError when the hardware that is
    named does not work here.
    """
    setting = _setting(conversion, store)
    encoders: dict[str, Encoder] = {}
    for name in job.renditions:
        rendition = conversion.plan.rendition(name)
        if isinstance(rendition, VideoRendition):
            choice = choose_encoder(setting, rendition, conversion.binaries)
            _record(choice, rendition, conversion)
            encoders[name] = choice.encoder
    if hardware := sorted({item.name for item in encoders.values() if item.family != "software"}):
        store.set(HARDWARE_KEY, ", ".join(hardware))
    return encoders


def encoder_used(name: str, conversion: Conversion) -> str:
    """FFmpeg's name of the encoder of a picture."""
    text = conversion.area.fetch(encoder_name(name)).read_text()
    return EncoderChoice.model_validate_json(text).encoder.name


def _setting(conversion: Conversion, store: TaskStateStoreAccessor) -> EncoderSetting:
    wanted = conversion.settings.encoder
    if wanted == "auto" and (hardware := store.get(HARDWARE_KEY)):
        log.warning("an earlier try with %s did not finish; this one encodes in software", hardware)
        return "software"
    return wanted


def _record(choice: EncoderChoice, rendition: VideoRendition, conversion: Conversion) -> None:
    # Before the picture itself, so that there is none without it.
    with conversion.area.writing(encoder_name(rendition.name)) as path:
        path.write_text(choice.model_dump_json(indent=2))
    log.info("%s is encoded by %s", rendition.name, choice.encoder.name)
    for reason in choice.passed_over:
        log.info("not by hardware: %s", reason)
