"""What a source is, as typed models: its picture, its sound tracks, its subtitles."""

from fractions import Fraction
from typing import Literal

from pydantic import BaseModel, ConfigDict

from nightreel.media.coded_picture import CodedPicture
from nightreel.media.coded_sound import CodedSound

DynamicRange = Literal["sdr", "pq", "hlg"]
FieldOrder = Literal["", "tff", "bff"]
Alpha = Literal["none", "straight", "premultiplied"]

_DYNAMIC_RANGES: dict[str, DynamicRange] = {"smpte2084": "pq", "arib-std-b67": "hlg"}


CAPTIONS_IN_PICTURE = "cc_in_picture"
"""The codec of a text that is read from the pictures."""
CAPTION_TRACK = "eia_608"
"""The codec of closed captions in a separate track, as ffprobe names it."""
_NEARLY_SQUARE = Fraction(1, 100)


class Colour(BaseModel):
    """The meaning of the picture's values, in FFmpeg's names; empty if the source does not say.

    `range` is "limited" or "full" (Rec. ITU-R BT.2100, table 9).
    """

    model_config = ConfigDict(frozen=True)

    primaries: str = ""
    transfer: str = ""
    matrix: str = ""
    range: Literal["limited", "full"] = "limited"

    @property
    def dynamic_range(self) -> DynamicRange:
        """PQ or HLG as in Rec. ITU-R BT.2100; everything else is SDR."""
        return _DYNAMIC_RANGES.get(self.transfer, "sdr")


class Canvas(BaseModel):
    """The picture that every frame of a source is fitted into. Sizes in pixels."""

    model_config = ConfigDict(frozen=True)

    width: int
    height: int
    sample_aspect_ratio: Fraction = Fraction(1)


class VideoStream(BaseModel):
    """One picture track as decoded, clean aperture applied. Sizes in pixels."""

    model_config = ConfigDict(frozen=True)

    index: int
    codec: str
    width: int
    height: int
    sample_aspect_ratio: Fraction = Fraction(1)
    rotation: int = 0
    """Clockwise turn, in degrees, that a player applies: 0, 90, 180 or 270."""
    mirrored: bool = False
    """Whether a player also flips the picture."""
    nominal_rate: Fraction | None = None
    average_rate: Fraction | None = None
    sustained_rate: Fraction | None = None
    """The measured frame rate where frames follow each other fastest (`frame_rates`)."""
    steady_rate: Fraction | None = None
    """The measured frame rate if it is even from start to end (`frame_rates`)."""
    pixel_format: str = ""
    colour: Colour = Colour()
    hdr_metadata: bool = False
    """Whether it describes the display that it was graded on (SMPTE ST 2086), as only PQ needs it."""
    interlaced: bool = False
    field_order: FieldOrder = ""
    """As measured; empty: believe the frames."""
    alpha: Alpha = "none"
    """Whether pixels can be transparent, and whether their colours are already premultiplied with it."""
    decoder: str = ""
    """FFmpeg's name of the decoder to use; empty: FFmpeg's own choice."""
    field_pictures: bool = False
    """Whether every coded picture is one field. Sizes and rates are those of the frames that two make."""

    @property
    def display_size(self) -> tuple[int, int]:
        """Width and height as shown: square pixels, rotation applied."""
        width = round(self.width * self.sample_aspect_ratio)
        return (self.height, width) if self.rotation in (90, 270) else (width, self.height)

    @property
    def canvas(self) -> Canvas | None:
        """The canvas for frames of other sizes; None if they cannot be fitted."""
        # FFmpeg turns, mirrors and weaves frames of one size only.
        if self.rotation or self.mirrored or self.field_pictures:
            return None
        return Canvas(width=self.width, height=self.height, sample_aspect_ratio=self.sample_aspect_ratio)


class AudioStream(BaseModel):
    """One sound track that can be decoded."""

    model_config = ConfigDict(frozen=True)

    index: int
    codec: str
    channels: int
    layout: str = ""
    """FFmpeg's name for the channel layout, such as `5.1(side)`; empty if the source does not say."""
    sample_rate: int
    language: str = "und"
    """A BCP 47 tag; `und` when the source does not say."""
    title: str = ""
    default: bool = False
    damage_seen: int = 0
    """Damaged packets among those that were decoded."""


class TextStream(BaseModel):
    """Subtitles as text: a track, or a channel of closed captions."""

    model_config = ConfigDict(frozen=True)

    index: int
    codec: str
    language: str = "und"
    title: str = ""
    default: bool = False
    forced: bool = False
    """Meant for every viewer: it translates what the sound does not."""
    channel: str = ""
    """For closed captions, `CC1` to `CC4`; empty for other texts."""


class Restart(BaseModel):
    """A place in a file from which all times start over."""

    model_config = ConfigDict(frozen=True)

    position: int
    """The first byte after it."""
    seconds: float
    """When the part after it is shown, in seconds from the title's start."""
    shift: float
    """Seconds to add to the times after it; 0 if FFmpeg adds them itself."""


class FoundTrack(BaseModel):
    """One track of a file, of any kind. `kind` is as ffprobe says it: `video`, `audio`, `subtitle`, …"""

    model_config = ConfigDict(frozen=True)

    index: int
    kind: str
    left_out: str = ""
    """The sentence for the title's owner that says why it cannot be taken; empty if it can."""


def nearly_square(sample_aspect_ratio: Fraction) -> bool:
    """Whether nobody sees that pixels are not square: they are so to within 1 %."""
    return abs(sample_aspect_ratio - 1) <= _NEARLY_SQUARE


class SourceProbe(BaseModel):
    """A source that can become a stream. Times in seconds, from the file's own start."""

    model_config = ConfigDict(frozen=True)

    container: str
    size_bytes: int
    video: VideoStream
    audio: tuple[AudioStream, ...]
    text: tuple[TextStream, ...] = ()
    start: float = 0.0
    """The earliest time of any track on the container's clock, which is the title's start."""
    begins: dict[int, float] = {}
    """When each track begins, by index, in seconds after `start`; only for containers in which FFmpeg's
    time 0 depends on which tracks it reads."""
    early: float = 0.0
    """How long before `start` the first picture frame is shown; the title starts with it."""
    late: float = 0.0
    """How much later pictures are shown than FFmpeg says, as after an edit list that it cannot follow."""
    picture_start: float = 0.0
    """When the first picture frame is shown."""
    duration: float
    """The end of the last picture frame, measured by reading every packet; or of the last sound, if that
    continues for long."""
    held: float = 0.0
    """How long the last picture frame is held while the sound continues, as part of the duration."""
    frames: int
    """Picture packets that are shown."""
    damaged_frames: int | None = None
    """Damaged picture frames, if all of them were decoded; otherwise None."""
    damage_seen: int = 0
    """Damaged picture frames among those that were decoded."""
    coded: CodedPicture | None = None
    """How the picture is coded, if that was asked for and can be told."""
    coded_sounds: tuple[CodedSound, ...] = ()
    """How sounds in AAC are coded, if that was asked for and can be told."""
    restarts: tuple[Restart, ...] = ()
    """Where recordings were joined. All times here are those of one continuous clock."""
    tracks: tuple[FoundTrack, ...] = ()
    """Everything in the file, including what cannot be taken."""
    warnings: tuple[str, ...] = ()
    """Sentences for the title's owner about what was guessed or is damaged; `tracks` has those about whole
    tracks that are left out."""

    def lasts_after(self, lead: float) -> float:
        """Seconds of the source from `lead` on; all of it if that is before its start."""
        return self.duration - max(lead, 0.0)
