"""Which encoder makes a rendition: hardware that passes a test encode, else software."""

from pydantic import BaseModel, ConfigDict

from nightreel.errors import ConfigurationError
from nightreel.media.encoding.encoders import HARDWARE, Encoder
from nightreel.media.encoding.hardware_proof import HardwareUnproven, proven
from nightreel.media.programs.binaries import Binaries
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary.media import EncoderSetting

_SMALLEST_SIDE = 192
"""Pixels. NVENC takes no narrower AV1, AMD's no lower HEVC than 128; so small a picture is no work."""
_LONGEST_SIDE = 4096
"""Pixels; the most that most hardware takes of H.264."""


class EncoderChoice(BaseModel):
    """The encoder of one rendition, and why no other."""

    model_config = ConfigDict(frozen=True)

    encoder: Encoder
    passed_over: tuple[str, ...] = ()
    """A sentence for each hardware that would have come before it."""


def choose_encoder(setting: EncoderSetting, rendition: VideoRendition, binaries: Binaries) -> EncoderChoice:
    """The encoder that NIGHTREEL_ENCODER asks for; `auto` takes the first hardware that works.

    A rendition that hardware would not make as planned is left to software under any setting.
    Raises ConfigurationError with what FFmpeg said when the hardware that is named does not work.
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
    """Why; empty when nothing speaks against hardware."""
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
