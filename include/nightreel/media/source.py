"""What a source is, as typed models: its picture, its sound tracks, its subtitles."""

from fractions import Fraction
from typing import Literal

from pydantic import BaseModel, ConfigDict

DynamicRange = Literal["sdr", "pq", "hlg"]
FieldOrder = Literal["", "tff", "bff"]
Alpha = Literal["none", "straight", "premultiplied"]

_DYNAMIC_RANGES: dict[str, DynamicRange] = {"smpte2084": "pq", "arib-std-b67": "hlg"}


CAPTIONS_IN_PICTURE = "cc_in_picture"
"""As the codec of a text: what is read of the pictures."""
CAPTION_TRACK = "eia_608"
"""Closed captions in a track of their own, in ffprobe's words."""


class Colour(BaseModel):
    """How the picture's numbers are meant, in FFmpeg's names; empty where the source does not say.

    `range` is "limited" or "full" (Rec. ITU-R BT.2100, table 9).
    """

    model_config = ConfigDict(frozen=True)

    primaries: str = ""
    transfer: str = ""
    matrix: str = ""
    range: Literal["limited", "full"] = "limited"

    @property
    def dynamic_range(self) -> DynamicRange:
        """PQ and HLG as in Rec. ITU-R BT.2100; everything else is SDR."""
        return _DYNAMIC_RANGES.get(self.transfer, "sdr")


class Canvas(BaseModel):
    """The picture into which every frame of a source is fitted, in pixels of this shape."""

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
    """Frames per second where the frames follow each other fastest, measured (`frame_rates`)."""
    steady_rate: Fraction | None = None
    """Frames per second where they follow each other evenly from end to end, measured (`frame_rates`)."""
    pixel_format: str = ""
    colour: Colour = Colour()
    hdr_metadata: bool = False
    """Whether it says on which display it was graded (SMPTE ST 2086), as only PQ needs it."""
    interlaced: bool = False
    field_order: FieldOrder = ""
    """As measured; empty where the frames themselves are to be believed."""
    alpha: Alpha = "none"
    """Whether pixels can be transparent, and whether their colours have been dimmed by that already."""
    decoder: str = ""
    """FFmpeg's name of the decoder that sees all of it; its own choice when empty."""
    field_pictures: bool = False
    """Whether every coded picture is one field. Sizes and rates are those of the frames that two make."""

    @property
    def display_size(self) -> tuple[int, int]:
        """Width and height as shown: square pixels, rotation applied."""
        width = round(self.width * self.sample_aspect_ratio)
        return (self.height, width) if self.rotation in (90, 270) else (width, self.height)

    @property
    def canvas(self) -> Canvas | None:
        """Into which frames of another size are fitted; None where they cannot be."""
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
    """FFmpeg's name of the channel layout, as in `5.1(side)`; empty when the source does not say."""
    sample_rate: int
    language: str = "und"
    """A BCP 47 tag; `und` when the source does not say."""
    title: str = ""
    default: bool = False


class TextStream(BaseModel):
    """Subtitles made of text: a track of them, or a channel of closed captions."""

    model_config = ConfigDict(frozen=True)

    index: int
    codec: str
    language: str = "und"
    title: str = ""
    default: bool = False
    forced: bool = False
    """Meant for every viewer: it translates what the sound does not."""
    channel: str = ""
    """Of closed captions, `CC1` to `CC4`; empty for other texts."""


class Restart(BaseModel):
    """A place in a file from which on all times begin again."""

    model_config = ConfigDict(frozen=True)

    position: int
    """First byte of what follows."""
    seconds: float
    """When that is shown, from the title's start."""
    shift: float
    """Seconds to add to the times that follow; 0 where FFmpeg does so by itself."""


class FoundTrack(BaseModel):
    """One track of a file, of any kind. `kind` is as ffprobe says it: `video`, `audio`, `subtitle`, …"""

    model_config = ConfigDict(frozen=True)

    index: int
    kind: str
    left_out: str = ""
    """The sentence for the title's owner why it cannot be taken; empty where it can."""


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
    """When each track begins, by index, in seconds after `start`; only of the containers in which FFmpeg's
    time 0 is not that of the file (`beginnings`)."""
    early: float = 0.0
    """By how much the first picture frame is before `start`; the title starts with it."""
    late: float = 0.0
    """By how much pictures are shown later than FFmpeg says, as after an edit list that it cannot follow."""
    picture_start: float = 0.0
    """Of the first picture frame."""
    duration: float
    """End of the last picture frame, measured by reading every packet; of the last sound where that
    goes on for long."""
    held: float = 0.0
    """For how much of it the last picture frame stands, while the sound goes on."""
    frames: int
    """Picture packets that are shown."""
    damaged_frames: int | None = None
    """Of the picture, found by decoding all of it; None when that was not done."""
    restarts: tuple[Restart, ...] = ()
    """Where recordings were joined; all times here are those of one clock that runs on."""
    tracks: tuple[FoundTrack, ...] = ()
    """Everything in the file, what cannot be taken included."""
    warnings: tuple[str, ...] = ()
    """Sentences for the title's owner about what was guessed or is damaged; of whole tracks that
    are left out, `tracks` tells."""
