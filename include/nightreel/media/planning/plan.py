"""The plan of a title: which renditions, on which grid of frames, in which encode jobs."""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil
from typing import Self

from pydantic import BaseModel, ConfigDict

from nightreel.media.planning import left_out, plan_container, plan_picture, plan_sound, plan_text
from nightreel.media.planning.frame_rate import off_grid, title_rate
from nightreel.media.planning.ladder import Ladder
from nightreel.media.planning.plan_colour import understood
from nightreel.media.renditions import AudioRendition, EncodeJob, Rendition, TextRendition, VideoRendition
from nightreel.media.source import Alpha, Canvas, Colour, FieldOrder, Restart, SourceProbe
from nightreel.vocabulary.media import Container, Preset, VideoCodec

FIRST_VARIANT_BPS = 2_000_000
"""A player starts with the first variant; Apple asks for one near 2 Mb/s (HLS authoring rule 1.32)."""


class PlanOptions(BaseModel):
    """What the settings say about a plan. Times in seconds."""

    model_config = ConfigDict(frozen=True)

    segment_seconds: float = 6.0
    keyframe_seconds: float = 2.0
    preset: Preset | None = None
    container: Container = "cmaf"
    codecs: tuple[VideoCodec, ...] = ("h264",)
    hdr: bool = False
    encrypted: bool = False
    sound: bool = True
    """Whether the title gets the sounds of the source."""
    loudness_lufs: float | None = None
    thumbnail_seconds: float = 10.0
    sprite_seconds: float = 5.0

    @property
    def fitting_container(self) -> Self:
        """Without what the container cannot carry: a transport stream is H.264 for everything."""
        if self.container == "cmaf":
            return self
        return self.model_copy(update={"codecs": ("h264",), "hdr": False})


class Plan(BaseModel):
    """How a title is made. All renditions share `frame_rate`, `frames` and the keyframe grid."""

    model_config = ConfigDict(frozen=True)

    frame_rate: Fraction
    frames: int
    gop_frames: int
    segment_frames: int
    lead: float = 0.0
    """Seconds of the source before the title's first frame: less than one frame, so that those of
    the picture fall on the grid, and none is moved against the sound. Below 0 where pictures come
    before the source's own start."""
    late: float = 0.0
    """Seconds to add to the times of the source's pictures."""
    begins: dict[int, float] = {}
    """As that of the source; `time_zero` tells what it is for."""
    video_stream: int
    video: tuple[VideoRendition, ...]
    """A set per codec, H.264 first, each from the lowest to the highest."""
    audio: tuple[AudioRendition, ...]
    text: tuple[TextRendition, ...] = ()
    jobs: tuple[EncodeJob, ...]
    restarts: tuple[Restart, ...] = ()
    """Where the source's times begin again."""
    canvas: Canvas | None = None
    """Into which the source's frames are fitted when they change their size."""
    held_frames: int = 0
    """How many frames at the end repeat the last one of the source, because the sound goes on."""
    colour: Colour = Colour()
    """Of the source's picture, after what had to be guessed."""
    deinterlace: bool = False
    field_order: FieldOrder = ""
    alpha: Alpha = "none"
    decoder: str = ""
    field_pictures: bool = False
    """Whether two pictures of the source make a frame."""
    container: Container = "cmaf"
    encrypted: bool = False
    loudness_lufs: float | None = None
    """Target of every sound (EBU R 128); None leaves the sounds as loud as they are."""
    thumbnail_seconds: float = 10.0
    sprite_seconds: float = 5.0
    """How far apart the pictures are that a player shows while seeking."""
    warnings: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds of the finished title: a whole number of frames."""
        return float(self.frames / self.frame_rate)

    @property
    def gop_duration(self) -> float:
        """Seconds from one keyframe to the next."""
        return float(self.gop_frames / self.frame_rate)

    @property
    def segment_duration(self) -> float:
        """Seconds of every segment but the last: a whole number of GOPs."""
        return float(self.segment_frames / self.frame_rate)

    @property
    def segments(self) -> int:
        """How many segments each rendition has."""
        return ceil(self.frames / self.segment_frames)

    @property
    def video_in_playlist_order(self) -> tuple[VideoRendition, ...]:
        """The variant nearest to 2 Mb/s first, then the others in their order."""
        widely_decoded = (rendition for rendition in self.video if rendition.codec == "h264")
        first = min(widely_decoded, key=lambda rendition: abs(rendition.video_bps - FIRST_VARIANT_BPS))
        return (first, *(rendition for rendition in self.video if rendition is not first))

    @property
    def muxed_sound(self) -> AudioRendition | None:
        """The sound within every variant of a transport stream: the default one."""
        if self.container == "cmaf" or not self.audio:
            return None
        return next((sound for sound in self.audio if sound.default), self.audio[0])

    @property
    def alternate_sounds(self) -> tuple[AudioRendition, ...]:
        """The sounds that have segments of their own."""
        return tuple(sound for sound in self.audio if sound is not self.muxed_sound)

    @property
    def renditions(self) -> tuple[Rendition, ...]:
        """All of them: the picture's, the sound's, the subtitles."""
        return (*self.video, *self.audio, *self.text)

    def time_zero(self, tracks: Iterable[int]) -> float:
        """Seconds into the source at which FFmpeg begins to count when it reads these tracks alone."""
        return min((self.begins.get(index, 0.0) for index in tracks), default=0.0)

    def rendition(self, name: str) -> Rendition:
        """Raises KeyError for a name that is not planned."""
        return {item.name: item for item in self.renditions}[name]


def build_plan(source: SourceProbe, ladder: Ladder, options: PlanOptions) -> Plan:
    """The plan for a source. Deterministic: the same three inputs give the same plan."""
    options = options.fitting_container
    colour, guesses = understood(source.video)
    picture = source.video.model_copy(update={"colour": colour})
    rate = title_rate(picture)
    lead = off_grid(source.picture_start, rate) - source.early
    frames = max(1, round((source.duration - max(lead, 0.0)) * rate))
    gop_frames = max(1, int(options.keyframe_seconds * rate))
    segment_frames = gop_frames * max(1, int(options.segment_seconds * rate) // gop_frames)
    rungs = ladder.for_height(plan_picture.playable_lines(picture.display_size))
    video = plan_picture.video_renditions(
        rungs, picture, codecs=options.codecs, hdr=options.hdr, preset=options.preset
    )
    heard = source.audio if options.sound else ()
    sounds = plan_sound.audio_renditions(heard, rungs[-1].audio_bps)
    audio = plan_container.carried(sounds, options.container)
    text = plan_text.text_renditions(source.text, source.start + lead, source.late)
    return Plan(
        frame_rate=rate,
        lead=lead,
        late=source.late,
        begins=source.begins,
        frames=frames,
        gop_frames=gop_frames,
        segment_frames=segment_frames,
        video_stream=picture.index,
        video=video,
        audio=audio,
        text=text,
        jobs=_jobs(video, (*audio, *text), frames),
        restarts=source.restarts,
        canvas=picture.canvas,
        held_frames=min(frames - 1, round(source.held * rate)),
        colour=colour,
        deinterlace=picture.interlaced,
        field_order=picture.field_order,
        alpha=picture.alpha,
        decoder=picture.decoder,
        field_pictures=picture.field_pictures,
        container=options.container,
        encrypted=options.encrypted,
        loudness_lufs=options.loudness_lufs,
        thumbnail_seconds=options.thumbnail_seconds,
        sprite_seconds=options.sprite_seconds,
        warnings=(
            *source.warnings,
            *guesses,
            *plan_picture.warnings(picture, video),
            *plan_sound.warnings(heard),
            *plan_text.warnings(source.text),
            *plan_container.left_out(sounds, options.container),
            *left_out.sentences(source.tracks, _taken(source, audio, text, sound=options.sound)),
        ),
    )


def _taken(
    source: SourceProbe, audio: tuple[AudioRendition, ...], text: tuple[TextRendition, ...], *, sound: bool
) -> set[int]:
    """Indexes of the tracks that the title has, or that its owner asked to leave out."""
    heard = {stream for rendition in audio for stream in (rendition.stream, *rendition.joined)}
    unwanted = set() if sound else {stream.index for stream in source.audio}
    return {source.video.index, *heard, *unwanted, *(rendition.stream for rendition in text)}


def _jobs(
    video: tuple[VideoRendition, ...],
    others: tuple[AudioRendition | TextRendition, ...],
    frames: int,
) -> tuple[EncodeJob, ...]:
    # The slowest first, so that the short ones fill the end of the night and not its start.
    pictures = tuple(
        EncodeJob(
            kind="video",
            label=item.name.replace("_", " "),
            renditions=(item.name,),
            start_frame=0,
            end_frame=frames,
        )
        for item in reversed(video)
    )
    rest = tuple(
        EncodeJob(
            kind="audio" if isinstance(item, AudioRendition) else "text",
            label=item.name.replace("_", " "),
            renditions=(item.name,),
            start_frame=0,
            end_frame=frames,
        )
        for item in others
    )
    return (*pictures, *rest)
