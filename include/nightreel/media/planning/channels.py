"""Channels of a sound: which loudspeaker each is for, in FFmpeg's names.

Six channels are in the order of SMPTE ST 428-12 and ITU-R BS.2159: L R C LFE Ls Rs.
"""

import re

OUTPUT_LAYOUTS = {2: "stereo", 6: "5.1"}
"""The layouts that are encoded, by number of channels."""
JOINED_LAYOUTS = {2: "stereo", 6: "5.1", 8: "7.1"}
"""The layouts that this many mono tracks are joined to, in the order of their channels."""

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
    """`LFE` for the layout `1 channels (LFE)`; empty for ordinary mono."""
    found = _ONE_SPEAKER.fullmatch(layout)
    return found[1] if found else ""


def is_placed(layout: str, channels: int) -> bool:
    """Whether it is known which loudspeakers the channels are for.

    FFmpeg mixes every layout with a name, but no mere list of channels. If the source does not describe them,
    one, two or six channels are mono, stereo or 5.1.
    """
    if not layout:
        return channels in (1, 2, 6)
    return " " not in layout and layout != "binaural"


def is_ambisonic(layout: str) -> bool:
    """Whether the channels describe a sound field, rather than loudspeakers."""
    return layout.startswith("ambisonic")


def is_surround(layout: str, channels: int) -> bool:
    """Whether it can become a 5.1 sound that has more than stereo does."""
    return channels >= 5 and is_placed(layout, channels) and bool(_SURROUND.fullmatch(layout or "5.1"))
