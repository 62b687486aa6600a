"""What an initialization segment says of its track (ISO/IEC 14496-12 and 23001-7)."""

from dataclasses import dataclass
from uuid import UUID

from nightreel.checks.facts.boxes import Box, BoxError, boxes, child, descend, number
from nightreel.checks.facts.codec_strings import configuration, read_codec

_ENCRYPTED_ENTRIES = ("encv", "enca")


@dataclass(frozen=True, slots=True)
class TrackProtection:
    """How the samples of a track are encrypted (ISO/IEC 23001-7, 8.2). `scheme` is `cbcs` or another.

    `by_default` is false where samples are in the clear unless a fragment says otherwise.
    `pattern` counts the blocks that are encrypted and those after them that are not; `0:0` is all.
    """

    scheme: str
    key_id: UUID
    by_default: bool
    pattern: str


@dataclass(frozen=True, slots=True)
class Track:
    """One track as its init segment describes it. `timescale` in ticks per second.

    `codec` is the string of RFC 6381. `default_*` are those of trex, for samples that say
    nothing of their own. Width and height are 0 for sound, `nal_length` (bytes before each
    NAL unit) as well; `channels` are 0 for pictures.
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
    channels: int = 0
    protection: TrackProtection | None = None

    @property
    def format(self) -> str:
        """The codec's four letters, as `avc1`."""
        return self.codec.partition(".")[0]


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
    kind = data[handler.body + 8 : handler.body + 12].decode("latin-1")
    entry = _sample_entry(data, track)
    scheme = configuration(data, entry, "sinf") if entry.kind in _ENCRYPTED_ENTRIES else None
    codec = read_codec(data, entry, _original_format(data, scheme) if scheme else entry.kind)
    is_picture = kind == "vide"
    return Track(
        track_id=_after_times(data, child(data, track, "tkhd")),
        timescale=_timescale(data, descend(data, track, "mdia", "mdhd")),
        handler=kind,
        codec=codec.text,
        width=number(data, entry, 24, 2) if is_picture else 0,
        height=number(data, entry, 26, 2) if is_picture else 0,
        nal_length=codec.nal_length,
        default_duration=number(data, defaults, 12, 4),
        default_size=number(data, defaults, 16, 4),
        default_flags=number(data, defaults, 20, 4),
        channels=codec.channels,
        protection=_protection(data, scheme) if scheme else None,
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
    entries = list(boxes(data, table.body + 8, table.end))
    if len(entries) != 1:
        raise BoxError(f"the init segment describes {len(entries)} codecs instead of one")
    return entries[0]


def _original_format(data: bytes, scheme: Box) -> str:
    return _letters(data, child(data, scheme, "frma"), 0)


def _protection(data: bytes, scheme: Box) -> TrackProtection:
    defaults = descend(data, scheme, "schi", "tenc")
    pattern = number(data, defaults, 5, 1)
    return TrackProtection(
        scheme=_letters(data, child(data, scheme, "schm"), 4),
        key_id=UUID(int=number(data, defaults, 8, 16)),
        by_default=number(data, defaults, 6, 1) == 1,
        pattern=f"{pattern >> 4}:{pattern & 15}",
    )


def _letters(data: bytes, box: Box, offset: int) -> str:
    return number(data, box, offset, 4).to_bytes(4, "big").decode("latin-1")
