"""A track: one packaged rendition, and what was measured of it.

Manifests are composed from these facts, for any choice of a title's tracks, and no segment is read
again for that.
"""

from fractions import Fraction
from itertools import groupby

from pydantic import BaseModel, ConfigDict, model_validator

from nightreel.media.renditions import AudioRendition, TextRendition, VideoRendition


class Rate(BaseModel):
    """Bits per second: of the busiest segment, and over the whole title.

    The peak is never below the average. It would be where the busiest segment is too short to count, as the
    last one of a short title may be.
    """

    model_config = ConfigDict(frozen=True)

    peak: int = 0
    average: int = 0

    @model_validator(mode="before")
    @classmethod
    def _peak_at_least_the_average(cls, values: dict[str, int]) -> dict[str, int]:
        return values | {"peak": max(values.get("peak", 0), values.get("average", 0))}

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(peak=self.peak + other.peak, average=self.average + other.average)


class Timeline(BaseModel):
    """How long each segment is, in ticks. Exact: seconds in decimals drift over a long title."""

    model_config = ConfigDict(frozen=True)

    timescale: int
    """Ticks per second."""
    segments: tuple[int, ...]

    @property
    def seconds(self) -> tuple[Fraction, ...]:
        """Of every segment."""
        return tuple(Fraction(ticks, self.timescale) for ticks in self.segments)

    @property
    def duration(self) -> Fraction:
        """Seconds of all segments together."""
        return Fraction(sum(self.segments), self.timescale)

    @property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """Ticks of a segment, and how many of that length follow one another."""
        return tuple((ticks, len(list(alike))) for ticks, alike in groupby(self.segments))


class Signalling(BaseModel):
    """How manifests tell players to decrypt a track; empty for a clear one."""

    model_config = ConfigDict(frozen=True)

    hls: tuple[str, ...] = ()
    """The attributes of each EXT-X-KEY (RFC 8216, 4.3.2.4)."""
    dash: tuple[str, ...] = ()
    """Each ContentProtection, as XML (ISO/IEC 23009-1, 5.8.4.1)."""


class PictureTrack(BaseModel):
    """The picture in one resolution, rate and codec."""

    model_config = ConfigDict(frozen=True)

    rendition: VideoRendition
    codec: str
    """As CODECS has it (RFC 6381)."""
    frame_rate: Fraction
    rate: Rate
    keyframes: Rate | None
    """Of the I-frame playlist; None where there is none."""
    timeline: Timeline | None = None
    """None in a transport stream, which is for HLS alone."""
    colour: tuple[tuple[str, str], ...] = ()
    """Scheme and value of each property of the colour (ISO/IEC 23091-2), as DASH names them."""
    signalling: Signalling = Signalling()


class SoundTrack(BaseModel):
    """One language of the sound, in stereo or 5.1."""

    model_config = ConfigDict(frozen=True)

    rendition: AudioRendition
    codec: str
    rate: Rate = Rate()
    """None of its own where the sound is within every variant."""
    within_variants: bool = False
    """Whether the segments of the picture carry it (a transport stream's default sound)."""
    timeline: Timeline | None = None
    signalling: Signalling = Signalling()


class TextTrack(BaseModel):
    """One track of subtitles."""

    model_config = ConfigDict(frozen=True)

    rendition: TextRendition
    rate: Rate
    """Of the whole track in one file."""


Track = PictureTrack | SoundTrack | TextTrack


class Tracks(BaseModel):
    """Those of one release, in the order in which manifests offer them."""

    model_config = ConfigDict(frozen=True)

    pictures: tuple[PictureTrack, ...]
    sounds: tuple[SoundTrack, ...] = ()
    texts: tuple[TextTrack, ...] = ()
