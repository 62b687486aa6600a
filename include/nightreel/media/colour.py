"""What the numbers of a picture mean: the colours of every output, and the way there from any source."""

from nightreel.media.source import DynamicRange

_TRANSFERS: dict[DynamicRange, str] = {"sdr": "bt709", "pq": "smpte2084", "hlg": "arib-std-b67"}


def colour_tags(dynamic_range: DynamicRange) -> dict[str, str]:
    """FFmpeg's output options that name the colours of a rendition (ITU-T H.273).

    SDR is BT.709 in all three (Rec. ITU-R BT.709), HDR is BT.2020 with PQ or HLG
    (Rec. ITU-R BT.2100), both in limited range.
    """
    wide = dynamic_range != "sdr"
    return {
        "color_primaries": "bt2020" if wide else "bt709",
        "color_trc": _TRANSFERS[dynamic_range],
        "colorspace": "bt2020nc" if wide else "bt709",
        "color_range": "tv",
    }
