"""What the description of an AAC track says of its coding (AudioSpecificConfig, ISO/IEC 14496-3, 1.6.2.1)."""

from dataclasses import dataclass

from nightreel.media.inspection.bits import Bits

_RATES = (
    96_000,
    88_200,
    64_000,
    48_000,
    44_100,
    32_000,
    24_000,
    22_050,
    16_000,
    12_000,
    11_025,
    8_000,
    7_350,
)
"""By `samplingFrequencyIndex` (table 1.18)."""
_RATE_FOLLOWS, _TYPE_FOLLOWS = 15, 31
_LOW_COMPLEXITY, _SBR, _PS = 2, 5, 29
"""Values of `audioObjectType` (table 1.17)."""
_EXTENSION_FOLLOWS = 0x2B7
"""`syncExtensionType`: how SBR is announced so that decoders without it pass it over."""
LONG_FRAME, SHORT_FRAME = 1024, 960


@dataclass(frozen=True)
class AacConfiguration:
    """`extended` where SBR or PS is announced. `sample_rate` in Hz is that of the core."""

    object_type: int
    sample_rate: int
    channel_configuration: int
    frame_samples: int
    extended: bool


def aac_configuration(description: bytes) -> AacConfiguration:
    """What a description says. Bits after its end count as 0.

    What follows the channels is read of AAC-LC only.
    """
    bits = Bits(description)
    kind = _object_type(bits)
    rate = _rate(bits)
    channels = bits.number(4)
    if kind != _LOW_COMPLEXITY:
        return AacConfiguration(kind, rate, channels, LONG_FRAME, extended=kind in (_SBR, _PS))
    frame_samples = SHORT_FRAME if bits.number(1) else LONG_FRAME
    if bits.number(1):  # dependsOnCoreCoder
        bits.number(14)  # coreCoderDelay
    bits.number(1)  # extensionFlag
    extended = bits.number(11) == _EXTENSION_FOLLOWS and _object_type(bits) == _SBR and bits.number(1) == 1
    return AacConfiguration(kind, rate, channels, frame_samples, extended)


def _object_type(bits: Bits) -> int:
    kind = bits.number(5)
    return 32 + bits.number(6) if kind == _TYPE_FOLLOWS else kind


def _rate(bits: Bits) -> int:
    index = bits.number(4)
    if index == _RATE_FOLLOWS:
        return bits.number(24)
    return _RATES[index] if index < len(_RATES) else 0
