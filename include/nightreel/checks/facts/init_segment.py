"""What an initialization segment says of its track (ISO/IEC 14496-12, 14496-14 and 14496-15)."""

from dataclasses import dataclass

from nightreel.checks.facts.boxes import Box, BoxError, boxes, child, descend, number

_VISUAL_ENTRY_FIELDS = 78
_AUDIO_ENTRY_FIELDS = 28
_ES_DESCRIPTOR = 0x03
_DECODER_CONFIG = 0x04
_DECODER_SPECIFIC = 0x05


@dataclass(frozen=True, slots=True)
class Track:
    """One track as its init segment describes it. `timescale` in ticks per second.

    `codec` is the string of RFC 6381. `default_*` are those of trex, for samples that say
    nothing of their own. Width and height are 0 for sound, `nal_length` (bytes before each
    NAL unit) as well.
    """

    track_id: int
    timescale: int
    handler: str
    codec: str
    width: int
    height: int
    nal_length: int
    default_duration: int
    default_size: int
    default_flags: int


def read_track(data: bytes) -> Track:
    """Read an init segment of one track. Raises BoxError."""
    movie = next((box for box in boxes(data) if box.kind == "moov"), None)
    if movie is None:
        raise BoxError("the init segment holds no moov box")
    tracks = [box for box in boxes(data, movie.body, movie.end) if box.kind == "trak"]
    if len(tracks) != 1:
        raise BoxError(f"the init segment describes {len(tracks)} tracks instead of one")
    track = tracks[0]
    defaults = descend(data, movie, "mvex", "trex")
    handler = descend(data, track, "mdia", "hdlr")
    entry = _sample_entry(data, track)
    codec, width, height, nal_length = _described(data, entry)
    return Track(
        track_id=_after_times(data, child(data, track, "tkhd")),
        timescale=_timescale(data, descend(data, track, "mdia", "mdhd")),
        handler=data[handler.body + 8 : handler.body + 12].decode("latin-1"),
        codec=codec,
        width=width,
        height=height,
        nal_length=nal_length,
        default_duration=number(data, defaults, 12, 4),
        default_size=number(data, defaults, 16, 4),
        default_flags=number(data, defaults, 20, 4),
    )


def _after_times(data: bytes, header: Box) -> int:
    # tkhd and mdhd begin with two times, of eight bytes each in version 1 and of four in version 0.
    wide = number(data, header, 0, 1) == 1
    return number(data, header, 20 if wide else 12, 4)


def _timescale(data: bytes, header: Box) -> int:
    timescale = _after_times(data, header)
    if timescale == 0:
        raise BoxError("the init segment gives a timescale of 0")
    return timescale


def _sample_entry(data: bytes, track: Box) -> Box:
    table = descend(data, track, "mdia", "minf", "stbl", "stsd")
    entry = next(boxes(data, table.body + 8, table.end), None)
    if entry is None:
        raise BoxError("the init segment describes no codec")
    return entry


def _described(data: bytes, entry: Box) -> tuple[str, int, int, int]:
    """Codec string, width, height and NAL length size."""
    if entry.kind in ("avc1", "avc3"):
        config = _within(data, entry, _VISUAL_ENTRY_FIELDS, "avcC")
        codec = f"{entry.kind}.{number(data, config, 1, 3):06x}"
        size = number(data, entry, 24, 2), number(data, entry, 26, 2)
        return codec, *size, (number(data, config, 4, 1) & 3) + 1
    if entry.kind == "mp4a":
        config = _within(data, entry, _AUDIO_ENTRY_FIELDS, "esds")
        return f"mp4a.{_aac(data, config)}", 0, 0, 0
    return entry.kind, 0, 0, 0


def _within(data: bytes, entry: Box, fields: int, kind: str) -> Box:
    for box in boxes(data, entry.body + fields, entry.end):
        if box.kind == kind:
            return box
    raise BoxError(f"the {entry.kind} sample entry holds no {kind}")


def _aac(data: bytes, config: Box) -> str:
    """Object type indication and audio object type, as in `40.2` (ISO/IEC 14496-1, 7.2.6)."""
    start, end = _descriptor(data, config.body + 4, config.end, _ES_DESCRIPTOR)
    flags = data[start + 2] if start + 2 < end else 0
    skipped = 3 + (2 if flags & 0x80 else 0) + (2 if flags & 0x20 else 0)
    start, end = _descriptor(data, start + skipped, end, _DECODER_CONFIG)
    object_type = data[start] if start < end else 0
    start, end = _descriptor(data, start + 13, end, _DECODER_SPECIFIC)
    if start >= end:
        raise BoxError("the esds box holds no audio configuration")
    return f"{object_type:x}.{data[start] >> 3}"


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
