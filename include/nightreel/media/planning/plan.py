"""The plan of a title: which renditions, on which frame grid, in which encode jobs."""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil
from typing import Self

from pydantic import BaseModel, ConfigDict

from nightreel.media.planning import left_out, plan_picture, plan_sound, plan_text
from nightreel.media.planning.encode_jobs import encode_jobs
from nightreel.media.planning.frame_rate import off_grid, title_rate
from nightreel.media.planning.grid import Grid
from nightreel.media.planning.ladder import Ladder
from nightreel.media.planning.plan_colour import understood
from nightreel.media.renditions import (
    AudioRendition,
    EncodeJob,
    Rendition,
    TextRendition,
    VideoRendition,
)
from nightreel.media.source import Alpha, Canvas, Colour, FieldOrder, Restart, SourceProbe
from nightreel.vocabulary.media import Container, Preset, VideoCodec

FIRST_VARIANT_BPS = 2_000_000
"""A player starts with the first variant; Apple asks for one near 2 Mb/s (HLS authoring rule 1.32)."""


class PlanOptions(BaseModel):
    """The settings for a plan. Times in seconds."""

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
    picture_jobs: int = 1
    """Over how many encode jobs the pictures of each codec may be spread."""

    @property
    def fitting_container(self) -> Self:
        """The options without what the container cannot carry: a transport stream has only H.264."""
        if self.container == "cmaf":
            return self
        return self.model_copy(update={"codecs": ("h264",), "hdr": False})


class Plan(BaseModel):
    """How a title is made. All renditions share `frame_rate`, `frames` and the keyframe grid."""

    model_config = ConfigDict(frozen=True)

    frame_rate: Fraction
    frames: int
    gop_frames: int
    """Of every GOP but the last; on a grid of the source's own, of the longest."""
    segment_frames: int
    """Of every segment but the last; on a grid of the source's own, of the longest."""
    keyframes: tuple[int, ...] = ()
    """Of a grid of the source's own, frame by frame; empty for an even one."""
    cuts: tuple[int, ...] = ()
    """The keyframes with which segments begin; empty for an even grid."""
    lead: float = 0.0
    """Seconds of the source before the title's first frame: less than one frame, so that its frames fall
    on the grid and none is moved against the sound; on a grid of the source's own, all before its picture.
    Below 0 if pictures come before the source's own start."""
    late: float = 0.0
    """Seconds to add to the times of the source's pictures."""
    begins: dict[int, float] = {}
    """As for the source; see `time_zero`."""
    video_stream: int
    video: tuple[VideoRendition, ...]
    """A set per codec, H.264 first, each from lowest to highest."""
    audio: tuple[AudioRendition, ...]
    text: tuple[TextRendition, ...] = ()
    jobs: tuple[EncodeJob, ...]
    instead: VideoRendition | None = None
    """What is encoded in place of a copied rendition that turns out not to play."""
    sounds_instead: tuple[AudioRendition, ...] = ()
    """The same for copied sounds, by their names."""
    not_copied: tuple[str, ...] = ()
    """Why the picture or a sound is not copied: sentences for the title's owner; empty if nobody asked."""
    restarts: tuple[Restart, ...] = ()
    """Where the source's times start over."""
    canvas: Canvas | None = None
    """What the source's frames are fitted into, if their size changes."""
    held_frames: int = 0
    """How many frames at the end repeat the source's last one, because the sound continues."""
    colour: Colour = Colour()
    """The colours of the source's picture, including what had to be guessed."""
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
    """Seconds between two pictures that a player shows while seeking."""
    warnings: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds of the finished title: a whole number of frames."""
        return float(self.frames / self.frame_rate)

    @property
    def grid(self) -> Grid:
        """Where every track has its keyframes, and where it is cut."""
        if self.has_own_grid:
            return Grid(self.frame_rate, self.frames, self.keyframes, self.cuts)
        keyframes, cuts = (range(0, self.frames, step) for step in (self.gop_frames, self.segment_frames))
        return Grid(self.frame_rate, self.frames, keyframes, cuts)

    @property
    def has_own_grid(self) -> bool:
        """Whether the keyframes are the source's own, and not evenly apart."""
        return bool(self.cuts)

    @property
    def gop_duration(self) -> float:
        """Seconds from one keyframe to the next, at most."""
        return float(self.gop_frames / self.frame_rate)

    @property
    def segment_duration(self) -> float:
        """Seconds of a segment, at most: a whole number of GOPs."""
        return float(self.segment_frames / self.frame_rate)

    @property
    def target_duration(self) -> int:
        """EXT-X-TARGETDURATION of every playlist: at least every EXTINF, rounded (RFC 8216, 4.3.3.1).

        Of sound too, whose segments are up to an AAC frame longer: what counts is the nearest whole second.
        """
        return ceil(self.segment_duration)

    @property
    def segments(self) -> int:
        """How many segments each rendition has."""
        return len(self.grid.cuts)

    @property
    def video_in_playlist_order(self) -> tuple[VideoRendition, ...]:
        """The variant nearest to 2 Mb/s first, then the others in order."""
        widely_decoded = (rendition for rendition in self.video if rendition.codec == "h264")
        first = min(widely_decoded, key=lambda rendition: abs(rendition.video_bps - FIRST_VARIANT_BPS))
        return (first, *(rendition for rendition in self.video if rendition is not first))

    @property
    def muxed_sound(self) -> AudioRendition | None:
        """The sound inside every variant of a transport stream: the default one."""
        if self.container == "cmaf" or not self.audio:
            return None
        return next((sound for sound in self.audio if sound.default), self.audio[0])

    @property
    def alternate_sounds(self) -> tuple[AudioRendition, ...]:
        """The sounds with separate segments."""
        return tuple(sound for sound in self.audio if sound is not self.muxed_sound)

    @property
    def renditions(self) -> tuple[Rendition, ...]:
        """All of them: the picture's, the sound's, the subtitles."""
        return (*self.video, *self.audio, *self.text)

    def time_zero(self, tracks: Iterable[int]) -> float:
        """Seconds into the source at FFmpeg's time 0, if it reads only these tracks."""
        return min((self.begins.get(index, 0.0) for index in tracks), default=0.0)

    def rendition(self, name: str) -> Rendition:
        """Raises KeyError for a name that is not planned."""
        return {item.name: item for item in self.renditions}[name]


def build_plan(
    source: SourceProbe, ladder: Ladder, options: PlanOptions, own_grid: Grid | None = None
) -> Plan:
    """The plan for a source. Deterministic: the same inputs give the same plan.

    With `own_grid`, every track has these frames, keyframes and cuts instead of even ones. Raises ValueError
    if the title cannot be made on them.
    """
    options = options.fitting_container
    colour, guesses = understood(source.video)
    picture = source.video.model_copy(update={"colour": colour})
    rate = own_grid.frame_rate if own_grid else title_rate(picture)
    unshown = source.picture_start if own_grid else off_grid(source.picture_start, rate)
    lead = unshown - source.early
    frames = own_grid.frames if own_grid else max(1, round(source.lasts_after(lead) * rate))
    gop_frames, segment_frames = _grid_steps(options, rate, own_grid)
    rungs = ladder.for_height(plan_picture.playable_lines(picture.display_size))
    video = plan_picture.video_renditions(
        rungs,
        picture,
        codecs=options.codecs,
        hdr=options.hdr,
        preset=options.preset,
        target_vmaf=ladder.wanted_vmaf,
    )
    heard = source.audio if options.sound else ()
    sounds = plan_sound.audio_renditions(heard, rungs[-1].audio_bps)
    audio = plan_sound.carried(sounds, options.container)
    text = plan_text.text_renditions(source.text, source.start + lead, source.late)
    return Plan(
        frame_rate=rate,
        lead=lead,
        late=source.late,
        begins=source.begins,
        frames=frames,
        gop_frames=gop_frames,
        segment_frames=segment_frames,
        keyframes=tuple(own_grid.keyframes) if own_grid else (),
        cuts=tuple(own_grid.cuts) if own_grid else (),
        video_stream=picture.index,
        video=video,
        audio=audio,
        text=text,
        jobs=encode_jobs(video, (*audio, *text), frames, options.picture_jobs),
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
            *plan_sound.not_carried(sounds, options.container),
            *left_out.sentences(source.tracks, _taken(source, audio, text, sound=options.sound)),
        ),
    )


def _grid_steps(options: PlanOptions, rate: Fraction, own_grid: Grid | None) -> tuple[int, int]:
    """Frames of a GOP and of a segment, at most."""
    if own_grid is None:
        gop_frames = max(1, int(options.keyframe_seconds * rate))
        return gop_frames, gop_frames * max(1, int(options.segment_seconds * rate) // gop_frames)
    if options.container != "cmaf":
        raise ValueError("A transport stream is cut evenly, not on a grid of the source's own.")
    if fault := own_grid.fault:
        raise ValueError(fault)
    return own_grid.longest


def _taken(
    source: SourceProbe, audio: tuple[AudioRendition, ...], text: tuple[TextRendition, ...], *, sound: bool
) -> set[int]:
    """Indexes of the tracks that the title has, or that its owner asked to leave out."""
    heard = {stream for rendition in audio for stream in (rendition.stream, *rendition.joined)}
    unwanted = set() if sound else {stream.index for stream in source.audio}
    return {source.video.index, *heard, *unwanted, *(rendition.stream for rendition in text)}
