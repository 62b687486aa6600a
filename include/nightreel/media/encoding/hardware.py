"""Chooses the encoder of a rendition: hardware that passes a test encode, otherwise software."""

from pydantic import BaseModel, ConfigDict

from nightreel.errors import ConfigurationError
from nightreel.media.encoding.encoders import HARDWARE, Encoder
from nightreel.media.encoding.hardware_proof import HardwareUnproven, proven
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import EncoderSetting

_SMALLEST_SIDE = 192
"""In pixels. NVENC's AV1 needs this width, AMD's HEVC 128 lines. So small a picture is fast anyway."""
_LONGEST_SIDE = 4096
"""In pixels: the largest H.264 that most hardware encodes."""


class EncoderChoice(BaseModel):
    """The encoder of one rendition, and why preferred ones were passed over."""

    model_config = ConfigDict(frozen=True)

    encoder: Encoder
    passed_over: tuple[str, ...] = ()
    """A sentence for each hardware that was preferred but passed over."""


def choose_encoder(setting: EncoderSetting, rendition: VideoRendition, binaries: Binaries) -> EncoderChoice:
    """The encoder that NIGHTREEL_ENCODER asks for; `auto` takes the first hardware that works.

    Whatever the setting, software makes a rendition that hardware would not make as planned.
    Raises ConfigurationError with what FFmpeg said if the hardware was chosen by name and does not work.
    """
    software = Encoder(codec=rendition.codec)
    if setting == "software":
        return EncoderChoice(encoder=software)
    if reason := _left_to_software(rendition):
        return EncoderChoice(encoder=software, passed_over=(reason,))
    if setting == "auto":
        return _first_that_works(rendition, binaries)
    try:
        return EncoderChoice(encoder=proven(setting, rendition.codec, binaries))
    except HardwareUnproven as fault:
        raise ConfigurationError(
            f"NIGHTREEL_ENCODER={setting} does not work for {rendition.codec} here: {fault}\n"
            "Give the worker the device and its driver, or set NIGHTREEL_ENCODER to auto or software"
        ) from fault


def _left_to_software(rendition: VideoRendition) -> str:
    """Why software makes it; empty if hardware can."""
    if rendition.dynamic_range != "sdr":
        return f"{rendition.name} is in HDR, whose metadata not all hardware writes"
    if min(rendition.width, rendition.height) < _SMALLEST_SIDE:
        return f"{rendition.name} is smaller than what all hardware takes"
    if max(rendition.width, rendition.height) > _LONGEST_SIDE:
        return f"{rendition.name} is larger than what all hardware takes"
    return ""


def _first_that_works(rendition: VideoRendition, binaries: Binaries) -> EncoderChoice:
    passed_over: list[str] = []
    for family in HARDWARE:
        try:
            encoder = proven(family, rendition.codec, binaries)
        except HardwareUnproven as fault:
            passed_over.append(f"{family}: {fault}")
        else:
            return EncoderChoice(encoder=encoder, passed_over=tuple(passed_over))
    return EncoderChoice(encoder=Encoder(codec=rendition.codec), passed_over=tuple(passed_over))
