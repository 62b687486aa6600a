"""What a copied picture is to be: like the renditions of the set of which it becomes the best one."""

from dataclasses import dataclass, replace

from nightreel.media.source import DynamicRange, VideoStream

_BT2020 = 9
_TRANSFERS: dict[DynamicRange, int] = {"pq": 16, "hlg": 18}


@dataclass(frozen=True)
class Form:
    """What is decoded by players that can play a set."""

    pixel_format: str
    pixels: str
    """The same in words."""
    profiles: tuple[int, ...]
    best_profile: str
    other_profiles: dict[int, str]
    """The names of those that it must not have."""
    highest_level: int
    """Ten times the level."""
    colour_codes: tuple[int, ...] = ()
    """Primaries, transfer and matrix that the bitstream is to name (ITU-T H.273); empty for any."""


_H264 = Form(
    pixel_format="yuv420p",
    pixels="8-bit 4:2:0",
    profiles=(66, 77, 100),
    best_profile="High",
    other_profiles={88: "Extended", 110: "High 10", 122: "High 4:2:2", 244: "High 4:4:4 Predictive"},
    highest_level=52,
)
"""Baseline, Main and High (ITU-T H.264, annex A; Apple HLS authoring rule 1.3)."""
_HEVC = Form(
    pixel_format="yuv420p",
    pixels="8-bit 4:2:0",
    profiles=(1,),
    best_profile="Main",
    other_profiles={2: "Main 10", 3: "Main Still Picture", 4: "one of the range extensions"},
    highest_level=51,
)
"""ITU-T H.265, annex A; Apple HLS authoring rule 1.6."""
_HEVC_HDR = replace(
    _HEVC, pixel_format="yuv420p10le", pixels="10-bit 4:2:0", profiles=(1, 2), best_profile="Main 10"
)


def form_of(video: VideoStream) -> Form:
    """That of the set whose codec and dynamic range a picture has; of other codecs, that of H.264."""
    dynamic_range = video.colour.dynamic_range
    if video.codec != "hevc":
        return _H264
    if dynamic_range == "sdr":
        return _HEVC
    return replace(_HEVC_HDR, colour_codes=(_BT2020, _TRANSFERS[dynamic_range], _BT2020))
