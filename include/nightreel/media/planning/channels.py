"""Channels of a sound: which loudspeaker each is for, in FFmpeg's names.

The order of six is that of SMPTE ST 428-12 and ITU-R BS.2159: L R C LFE Ls Rs.
"""

import re

OUTPUT_LAYOUTS = {2: "stereo", 6: "5.1"}
"""What is encoded, by its number of channels."""
JOINED_LAYOUTS = {2: "stereo", 6: "5.1", 8: "7.1"}
"""What so many mono tracks make together, in the order of their channels."""

_SPEAKERS = {
    "stereo": ("FL", "FR"),
    "5.1": ("FL", "FR", "FC", "LFE", "BL", "BR"),
    "7.1": ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
_ONE_SPEAKER = re.compile(r"1 channels \((\w+)\)")
_SURROUND = re.compile(r"[5-9]\.\d.*|22\.2|hexadecagonal")


def speakers(layout: str) -> tuple[str, ...]:
    """The channels of a layout that mono tracks can be joined to, in order."""
    return _SPEAKERS[layout]


def speaker_of_mono(layout: str) -> str:
    """`LFE` for the layout `1 channels (LFE)`; empty where one channel is just mono."""
    found = _ONE_SPEAKER.fullmatch(layout)
    return found[1] if found else ""


def is_placed(layout: str, channels: int) -> bool:
    """Whether it is known which loudspeakers the channels are for.

    FFmpeg mixes every layout that has a name of its own, but none that is a mere list of
    channels. One, two and six channels that the source does not describe are mono, stereo and 5.1.
    """
    if not layout:
        return channels in (1, 2, 6)
    return " " not in layout and layout != "binaural"


def is_ambisonic(layout: str) -> bool:
    """Whether the channels are a field of sound, and for no loudspeakers at all."""
    return layout.startswith("ambisonic")


def is_surround(layout: str, channels: int) -> bool:
    """Whether a 5.1 sound can be made of it that has more to say than stereo."""
    return channels >= 5 and is_placed(layout, channels) and bool(_SURROUND.fullmatch(layout or "5.1"))
