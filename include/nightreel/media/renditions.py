"""Renditions: what one release is made of, and the jobs that encode it."""

from fractions import Fraction
from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

from nightreel.media.source import DynamicRange
from nightreel.text import one_line
from nightreel.vocabulary.media import Preset, VideoCodec

LONGEST_SIDE = 4096
"""In pixels. Hardware decoders take no more, whatever the level."""
NARROWEST_SHAPE = LONGEST_SIDE // 2
"""The greatest ratio of a picture's sides: the shorter one has at least two pixels."""
AUDIO_SAMPLE_RATE = 48_000
AAC_FRAME_SAMPLES = 1024
_LONGEST_LABEL = 100
"""In characters. Airflow keeps no more than 250 of a task's name."""


def aac_frames(seconds: Fraction, sample_rate: int = AUDIO_SAMPLE_RATE) -> int:
    """How many AAC frames cover a title; the last one may end less than a frame after it."""
    return max(2, ceil(seconds * sample_rate / AAC_FRAME_SAMPLES))


class VideoRendition(BaseModel):
    """One resolution and rate of the picture in one codec. Rates in bits per second."""

    model_config = ConfigDict(frozen=True)

    name: str
    """`360p` for H.264; the other sets have a prefix: `hevc_360p`, `av1_360p`, `hdr_360p`."""
    codec: VideoCodec = "h264"
    dynamic_range: DynamicRange = "sdr"
    """`pq` or `hlg` for the set that stays HDR (HEVC Main10)."""
    width: int
    height: int
    video_bps: int
    maxrate_bps: int
    preset: Preset
    target_vmaf: float | None = None
    """What it is to reach at its own size, with at most `maxrate_bps`; None for `video_bps` on average."""
    copied: bool = False
    """Whether its frames are the source's own, byte for byte; `maxrate_bps` is then their peak."""

    @property
    def pixel_format(self) -> str:
        """FFmpeg's name. Every phone decodes 8-bit 4:2:0; HDR would show banding in 8 bits."""
        return "yuv420p" if self.dynamic_range == "sdr" else "yuv420p10le"

    @property
    def pixels(self) -> int:
        """Of each frame."""
        return self.width * self.height

    @property
    def buffer_bits(self) -> int:
        """One and a half seconds at the capped rate: short enough to limit the peak of a 6 s segment."""
        return self.maxrate_bps * 3 // 2


class AudioRendition(BaseModel):
    """One sound track as AAC-LC: stereo, or 5.1. `stream` is its index in the source."""

    model_config = ConfigDict(frozen=True)

    name: str
    """`audio_en`; with six channels `audio_en_51`."""
    label: str
    language: str
    stream: int
    joined: tuple[int, ...] = ()
    """Further mono tracks of the source that, after `stream`, are the channels of one sound, in order."""
    source_channels: int = 2
    source_layout: str = ""
    """FFmpeg's name for the source's channel layout; empty if unknown."""
    audio_bps: int
    channels: Literal[2, 6] = 2
    sample_rate: int = AUDIO_SAMPLE_RATE
    default: bool = False
    copied: bool = False
    """Whether its packets are the source's own, byte for byte; `audio_bps` is then what they need."""


class TextRendition(BaseModel):
    """One track of subtitles as WebVTT. `stream` is its index in the source."""

    model_config = ConfigDict(frozen=True)

    name: str
    """`subs_en`."""
    label: str
    language: str
    stream: int
    default: bool = False
    forced: bool = False
    source_codec: str = ""
    channel: str = ""
    """For closed captions, `CC1` to `CC4`; empty for other texts."""
    source_start: float = 0.0
    """Seconds on the source's clock at which the title starts."""


Rendition = VideoRendition | AudioRendition | TextRendition


Kind = Literal["video", "audio", "text"]


class EncodeJob(BaseModel):
    """One run of FFmpeg: a range of the title's frames, and the renditions to make of it.

    `end_frame` is exclusive.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    renditions: tuple[str, ...]
    start_frame: int
    end_frame: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def label(self) -> str:
        """What it makes, in words: `1080p 720p`, `hevc 1080p 720p`, `audio en`."""
        words: list[str] = []
        said = ""
        for name in self.renditions:
            family, _, own = name.rpartition("_") if self.kind == "video" else ("", "", name)
            words.append(own if family == said else f"{family} {own}".strip())
            said = family
        return " ".join(words).replace("_", " ")


class EncodeTask(BaseModel):
    """The jobs that one mapped task runs, one after the other, in one encode slot."""

    model_config = ConfigDict(frozen=True)

    jobs: tuple[EncodeJob, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def label(self) -> str:
        """Names the task by what it makes, the pictures first: `1080p 720p, audio en`."""
        pictures_first = sorted(self.jobs, key=lambda job: job.kind != "video")
        return one_line(", ".join(job.label for job in pictures_first), _LONGEST_LABEL)

    @property
    def renditions(self) -> tuple[str, ...]:
        """All that it makes."""
        return tuple(name for job in self.jobs for name in job.renditions)
