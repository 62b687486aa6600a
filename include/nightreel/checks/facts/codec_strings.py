"""What a sample entry says about its codec: the string of RFC 6381, and what is needed to read samples.

H.264 and HEVC as in ISO/IEC 14496-15 (5.3.3, 8.3.3 and annex E), AV1 as in AOM's binding to
ISOBMFF (2.3 and 5), AAC as in ISO/IEC 14496-1 (7.2.6) and 14496-3 (1.6.2).
"""

from dataclasses import dataclass

from nightreel.checks.facts.boxes import Box, BoxError, boxes, number

_VISUAL_ENTRY_FIELDS = 78
_AUDIO_ENTRY_FIELDS = 28
_ES_DESCRIPTOR = 0x03
_DECODER_CONFIG = 0x04
_DECODER_SPECIFIC = 0x05
_HEVC_SPACES = ("", "A", "B", "C")
_SEVEN_POINT_ONE = 7
"""The channel configuration that stands for eight; those below stand for themselves."""


@dataclass(frozen=True, slots=True)
class Codec:
    """`text` as in CODECS. `nal_length` (bytes before each NAL unit) and `channels` are 0 without any."""

    text: str
    nal_length: int = 0
    channels: int = 0


def read_codec(data: bytes, entry: Box, kind: str) -> Codec:
    """The codec of a sample entry. `kind` is its type before encryption. Raises BoxError."""
    if kind in ("avc1", "avc3"):
        return _avc(data, configuration(data, entry, "avcC"), kind)
    if kind in ("hvc1", "hev1"):
        return _hevc(data, configuration(data, entry, "hvcC"), kind)
    if kind == "av01":
        return _av1(data, configuration(data, entry, "av1C"))
    if kind == "mp4a":
        return _aac(data, configuration(data, entry, "esds"))
    return Codec(kind)


def configuration(data: bytes, entry: Box, kind: str) -> Box:
    """A box within a sample entry. Raises BoxError when it is not there."""
    fields = _AUDIO_ENTRY_FIELDS if entry.kind in ("mp4a", "enca") else _VISUAL_ENTRY_FIELDS
    for box in boxes(data, entry.body + fields, entry.end):
        if box.kind == kind:
            return box
    raise BoxError(f"the {entry.kind} sample entry holds no {kind}")


def _avc(data: bytes, config: Box, kind: str) -> Codec:
    return Codec(f"{kind}.{number(data, config, 1, 3):06x}", (number(data, config, 4, 1) & 3) + 1)


def _hevc(data: bytes, config: Box, kind: str) -> Codec:
    profile = number(data, config, 1, 1)
    # The flags are written from the last bit to the first, and trailing zero bytes not at all.
    compatible = int(f"{number(data, config, 2, 4):032b}"[::-1], 2)
    constraints = number(data, config, 6, 6).to_bytes(6, "big").rstrip(b"\0")
    parts = (
        kind,
        f"{_HEVC_SPACES[profile >> 6]}{profile & 31}",
        f"{compatible:x}",
        f"{'H' if profile & 32 else 'L'}{number(data, config, 12, 1)}",
        *(f"{byte:x}" for byte in constraints),
    )
    return Codec(".".join(parts), (number(data, config, 21, 1) & 3) + 1)


def _av1(data: bytes, config: Box) -> Codec:
    profile, flags = number(data, config, 1, 1), number(data, config, 2, 1)
    tier = "H" if flags & 0x80 else "M"
    depth = 8 if not flags & 0x40 else 12 if flags & 0x20 else 10
    return Codec(f"av01.{profile >> 5}.{profile & 31:02d}{tier}.{depth:02d}")


def _aac(data: bytes, config: Box) -> Codec:
    start, end = _descriptor(data, config.body + 4, config.end, _ES_DESCRIPTOR)
    flags = data[start + 2] if start + 2 < end else 0
    skipped = 3 + (2 if flags & 0x80 else 0) + (2 if flags & 0x20 else 0)
    start, end = _descriptor(data, start + skipped, end, _DECODER_CONFIG)
    object_type = data[start] if start < end else 0
    start, end = _descriptor(data, start + 13, end, _DECODER_SPECIFIC)
    if start + 1 >= end:
        raise BoxError("the esds box holds no audio configuration")
    # Five bits of object type, four of the index of the sample rate, four of channels.
    channels = data[start + 1] >> 3 & 15
    return Codec(
        f"mp4a.{object_type:x}.{data[start] >> 3}",
        channels=8 if channels == _SEVEN_POINT_ONE else channels,
    )


def _descriptor(data: bytes, position: int, end: int, tag: int) -> tuple[int, int]:
    """Start and end of a descriptor's content. Its length comes in groups of seven bits."""
    if position >= end or data[position] != tag:
        raise BoxError(f"the esds box holds no descriptor {tag}")
    length = 0
    for offset in range(position + 1, min(position + 5, end)):
        length = length << 7 | data[offset] & 0x7F
        if not data[offset] & 0x80:
            return offset + 1, min(end, offset + 1 + length)
    raise BoxError(f"the esds box has a descriptor {tag} without a length")
