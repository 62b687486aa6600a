"""Renditions: what one release is made of, and the jobs that encode it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from nightreel.media.source import DynamicRange
from nightreel.vocabulary.media import Preset, VideoCodec

LONGEST_SIDE = 4096
"""Pixels of a picture. Hardware decoders end there, whatever the level."""
NARROWEST_SHAPE = LONGEST_SIDE // 2
"""How many times longer than high a picture may be: its shorter side is two pixels at least."""
AUDIO_SAMPLE_RATE = 48_000
AAC_FRAME_SAMPLES = 1024


class VideoRendition(BaseModel):
    """One resolution and rate of the picture in one codec. Rates in bits per second."""

    model_config = ConfigDict(frozen=True)

    name: str
    """`360p` for H.264; the other sets have theirs in front: `hevc_360p`, `av1_360p`, `hdr_360p`."""
    codec: VideoCodec = "h264"
    dynamic_range: DynamicRange = "sdr"
    """`pq` and `hlg` for the set that keeps the source's own range (HEVC Main10)."""
    width: int
    height: int
    video_bps: int
    maxrate_bps: int
    preset: Preset

    @property
    def pixel_format(self) -> str:
        """FFmpeg's name: 8-bit 4:2:0 is what every phone decodes, and HDR is seen in steps in 8 bits."""
        return "yuv420p" if self.dynamic_range == "sdr" else "yuv420p10le"

    @property
    def buffer_bits(self) -> int:
        """One second and a half at the capped rate: short enough for the peak of a 6 s segment."""
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
    """Further mono tracks of the source, which with `stream` are the channels of one sound, in order."""
    source_channels: int = 2
    source_layout: str = ""
    """FFmpeg's name of the layout of the source's channels; empty when nothing is known of it."""
    audio_bps: int
    channels: Literal[2, 6] = 2
    sample_rate: int = AUDIO_SAMPLE_RATE
    default: bool = False


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
    """Of closed captions, `CC1` to `CC4`; empty for other texts."""
    source_start: float = 0.0
    """Seconds on the source's clock at which the title starts."""


Rendition = VideoRendition | AudioRendition | TextRendition


class EncodeJob(BaseModel):
    """One run of FFmpeg: a range of the title's frames, and the renditions to make of it.

    `end_frame` is exclusive. `label` names the mapped task.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["video", "audio", "text"]
    label: str
    renditions: tuple[str, ...]
    start_frame: int
    end_frame: int
