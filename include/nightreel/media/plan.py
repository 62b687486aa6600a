"""The plan of a title: which renditions, on which grid of frames, in which encode jobs."""

from fractions import Fraction
from itertools import chain, count
from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict

from nightreel.media.frame_rate import constant_rate
from nightreel.media.ladder import Ladder, Preset, Rung
from nightreel.media.probe import AudioStream, SourceProbe

AUDIO_SAMPLE_RATE = 48_000
AAC_FRAME_SAMPLES = 1024
MAX_AUDIO_TRACKS = 16
FIRST_VARIANT_BPS = 2_000_000
"""A player starts with the first variant; Apple asks for one near 2 Mb/s (HLS authoring 9.14)."""


class VideoRendition(BaseModel):
    """One resolution and rate of the picture. Rates in bits per second."""

    model_config = ConfigDict(frozen=True)

    name: str
    width: int
    height: int
    video_bps: int
    maxrate_bps: int
    preset: Preset

    @property
    def buffer_bits(self) -> int:
        """One second and a half at the capped rate: short enough for the peak of a 6 s segment."""
        return self.maxrate_bps * 3 // 2


class AudioRendition(BaseModel):
    """One sound track as stereo AAC-LC. `stream` is its index in the source."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    language: str
    stream: int
    audio_bps: int
    channels: int = 2
    sample_rate: int = AUDIO_SAMPLE_RATE
    default: bool = False


class EncodeJob(BaseModel):
    """One run of FFmpeg: a range of the title's frames, and the renditions to make of it.

    `end_frame` is exclusive. `label` names the mapped task.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["video", "audio"]
    label: str
    renditions: tuple[str, ...]
    start_frame: int
    end_frame: int


class PlanOptions(BaseModel):
    """What the settings say about a plan. Times in seconds."""

    model_config = ConfigDict(frozen=True)

    segment_seconds: float = 6.0
    keyframe_seconds: float = 2.0
    preset: Preset | None = None


class Plan(BaseModel):
    """How a title is made. All renditions share `frame_rate`, `frames` and the keyframe grid."""

    model_config = ConfigDict(frozen=True)

    frame_rate: Fraction
    frames: int
    gop_frames: int
    segment_frames: int
    video_stream: int
    video: tuple[VideoRendition, ...]
    """From the lowest to the highest."""
    audio: tuple[AudioRendition, ...]
    jobs: tuple[EncodeJob, ...]
    tone_map: bool = False
    deinterlace: bool = False
    full_range: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds of the finished title: a whole number of frames."""
        return float(self.frames / self.frame_rate)

    @property
    def gop_duration(self) -> float:
        return float(self.gop_frames / self.frame_rate)

    @property
    def segment_duration(self) -> float:
        """Seconds of every segment but the last: a whole number of GOPs."""
        return float(self.segment_frames / self.frame_rate)

    @property
    def segments(self) -> int:
        return ceil(self.frames / self.segment_frames)

    @property
    def video_in_playlist_order(self) -> tuple[VideoRendition, ...]:
        """The variant nearest to 2 Mb/s first, then the others from the lowest to the highest."""
        first = min(self.video, key=lambda rendition: abs(rendition.video_bps - FIRST_VARIANT_BPS))
        return (first, *(rendition for rendition in self.video if rendition is not first))

    @property
    def renditions(self) -> tuple[VideoRendition | AudioRendition, ...]:
        """All of them, the picture's before the sound's."""
        return (*self.video, *self.audio)

    def rendition(self, name: str) -> VideoRendition | AudioRendition:
        """Raises KeyError for a name that is not planned."""
        return {item.name: item for item in self.renditions}[name]


def build_plan(source: SourceProbe, ladder: Ladder, options: PlanOptions) -> Plan:
    """The plan for a source. Deterministic: the same three inputs give the same plan."""
    rate = constant_rate(source.video.nominal_rate, source.video.average_rate)
    frames = max(1, round(source.duration * rate))
    gop_frames = max(1, int(options.keyframe_seconds * rate))
    segment_frames = gop_frames * max(1, int(options.segment_seconds * rate) // gop_frames)
    rungs = ladder.for_height(min(source.video.display_size))
    video = tuple(_video_rendition(rung, source.video.display_size, options) for rung in rungs)
    audio = _audio_renditions(source.audio[:MAX_AUDIO_TRACKS], rungs[-1].audio_bps)
    left_out = (
        (f"The source has {len(source.audio)} sound tracks; only the first {MAX_AUDIO_TRACKS} were taken.",)
        if len(source.audio) > MAX_AUDIO_TRACKS
        else ()
    )
    return Plan(
        frame_rate=rate,
        frames=frames,
        gop_frames=gop_frames,
        segment_frames=segment_frames,
        video_stream=source.video.index,
        video=video,
        audio=audio,
        jobs=_jobs(video, audio, frames),
        tone_map=source.video.hdr,
        deinterlace=source.video.interlaced,
        full_range=source.video.full_range,
        warnings=(*source.warnings, *left_out),
    )


def _video_rendition(rung: Rung, display: tuple[int, int], options: PlanOptions) -> VideoRendition:
    shorter, longer = min(display), max(display)
    # To the nearest even size, but never past that of the source: 853 becomes 852, not 854.
    nearest = round(Fraction(longer * rung.height, shorter) / 2) * 2
    other = max(2, min(nearest, longer - longer % 2))
    landscape = display[0] >= display[1]
    return VideoRendition(
        name=rung.name,
        width=other if landscape else rung.height,
        height=rung.height if landscape else other,
        video_bps=rung.video_bps,
        maxrate_bps=int(rung.video_bps * rung.maxrate_factor),
        preset=options.preset or rung.preset,
    )


def _audio_renditions(streams: tuple[AudioStream, ...], audio_bps: int) -> tuple[AudioRendition, ...]:
    renditions: list[AudioRendition] = []
    labels = _labels(streams)
    default = next((stream.index for stream in streams if stream.default), None)
    for position, stream in enumerate(streams):
        same = sum(1 for earlier in streams[:position] if earlier.language == stream.language)
        suffix = f"_{same + 1}" if same else ""
        renditions.append(
            AudioRendition(
                name=f"audio_{stream.language}{suffix}",
                label=labels[position],
                language=stream.language,
                stream=stream.index,
                # A mono track needs half the rate of a stereo one.
                audio_bps=audio_bps if stream.channels > 1 else max(32_000, audio_bps // 2),
                channels=2,
                default=stream.index == default if default is not None else position == 0,
            )
        )
    return tuple(renditions)


def _labels(streams: tuple[AudioStream, ...]) -> list[str]:
    """A name for each track: of one group, all differ (RFC 8216, 4.3.4.1.1)."""
    labels: list[str] = []
    for stream in streams:
        wanted = _quotable(stream.title) or stream.language
        numbered = (f"{wanted} {number}" for number in count(2))
        labels.append(next(label for label in chain([wanted], numbered) if label not in labels))
    return labels


def _quotable(text: str) -> str:
    # NAME is a quoted string of a playlist line: no quotes, no line breaks (RFC 8216, 4.2);
    # commas and equals signs separate the fields of the packager's command line.
    return "".join(c for c in text if c.isprintable() and c not in '",=')[:64].strip()


def _jobs(
    video: tuple[VideoRendition, ...], audio: tuple[AudioRendition, ...], frames: int
) -> tuple[EncodeJob, ...]:
    # The slowest first, so that the short ones fill the end of the night and not its start.
    pictures = tuple(
        EncodeJob(kind="video", label=item.name, renditions=(item.name,), start_frame=0, end_frame=frames)
        for item in reversed(video)
    )
    sounds = tuple(
        EncodeJob(
            kind="audio",
            label=item.name.replace("_", " "),
            renditions=(item.name,),
            start_frame=0,
            end_frame=frames,
        )
        for item in audio
    )
    return (*pictures, *sounds)
