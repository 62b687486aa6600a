"""One rendition of a release, measured: its init segment, every media segment, its playlists."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from nightreel.checks.facts.boxes import BoxError
from nightreel.checks.facts.decoding import Picture
from nightreel.checks.facts.init_segment import Track, read_track
from nightreel.checks.facts.playlists import MediaPlaylist, read_media_playlist
from nightreel.checks.facts.segments import Segment, measure_segment
from nightreel.checks.facts.transport_stream import LonePicture, TransportSegment
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.vocabulary import release
from nightreel.vocabulary.media import CopyCheck
from nightreel.vocabulary.protection import ContentKey

_PEAK_SAMPLE = 10
COPIED_FRAMES = 8
"""Of a picture that was not encoded here, so many frames after each cut are decoded: what they refer to
before it would be missing."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One planned rendition as it lies in the directory. `i_frames` is None for sound."""

    name: str
    track: Track | None
    init_fault: str
    segments: tuple[Segment, ...]
    playlist: MediaPlaylist
    i_frames: MediaPlaylist | None
    transport: tuple[TransportSegment, ...] = ()
    """In MPEG-TS, what each segment holds."""
    lone_pictures: tuple[LonePicture, ...] = ()
    """In MPEG-TS, what each entry of the I-frame playlist shows."""

    @property
    def names(self) -> Iterator[frozenset[str]]:
        """The files that each of its playlists names."""
        for playlist in (self.playlist, self.i_frames):
            if playlist is not None:
                yield frozenset((*playlist.map_uris, *(entry.uri for entry in playlist.entries)))

    @property
    def picture(self) -> Picture | None:
        """The first picture that could be decoded; None when none could."""
        return next((segment.decoded.picture for segment in self.segments if segment.decoded.picture), None)

    @property
    def samples(self) -> int:
        """How many all segments have that could be read."""
        return sum(segment.timing.samples for segment in self.segments if segment.timing)

    @property
    def start(self) -> Fraction | None:
        """Seconds at which the first sample is shown."""
        return min((segment.timing.shown_start for segment in self.segments if segment.timing), default=None)

    @property
    def end(self) -> Fraction | None:
        """Seconds at which the last sample ends."""
        return max((segment.timing.shown_end for segment in self.segments if segment.timing), default=None)

    @property
    def duration(self) -> Fraction | None:
        """Seconds from start to end; None where either is unknown."""
        start, end = self.start, self.end
        return None if start is None or end is None else end - start

    @property
    def average_bps(self) -> float | None:
        """Bits per second over all segments."""
        seconds = sum(float(segment.timing.duration) for segment in self.segments if segment.timing)
        return sum(segment.size for segment in self.segments) * 8 / seconds if seconds else None

    @property
    def peak_bps(self) -> float | None:
        """Bits per second of the busiest segment; not less than the average.

        Segments shorter than half the usual length do not count (RFC 8216, 4.1). As the
        packager does, the usual length is taken to be the mean of the first ten.
        """
        timed = [
            (segment.size, float(segment.timing.duration))
            for segment in self.segments
            if segment.timing and segment.timing.duration > 0
        ]
        if not timed or (average := self.average_bps) is None:
            return None
        first = [seconds for _, seconds in timed[:_PEAK_SAMPLE]]
        usual = sum(first) / len(first)
        return max(average, *(size * 8 / seconds for size, seconds in timed if seconds >= usual / 2))


def measure_rendition(
    directory: Path,
    plan: Plan,
    item: VideoRendition | AudioRendition,
    key: ContentKey | None,
    copy_check: CopyCheck,
) -> Rendition:
    """Measure one planned rendition, one segment at a time."""
    init, track, init_fault = _read_init(directory / release.init_name(item.name))
    playlist = read_media_playlist(directory / release.playlist_name(item.name))
    is_video = isinstance(item, VideoRendition)
    decoded_frames = _decoded_frames(item, copy_check)
    return Rendition(
        name=item.name,
        track=track,
        init_fault=init_fault,
        segments=tuple(
            measure_segment(directory / name, init, track, key, decoded_frames)
            for name in _segment_names(item.name, playlist, plan)
        ),
        playlist=playlist,
        i_frames=read_media_playlist(directory / release.iframe_playlist_name(item.name))
        if is_video
        else None,
    )


def _decoded_frames(item: VideoRendition | AudioRendition, copy_check: CopyCheck) -> int | None:
    """How many frames of each segment; None for all, as of a copied sound, where that costs little."""
    if not item.copied:
        return 1
    sampled = isinstance(item, VideoRendition) and copy_check == "sampled"
    return COPIED_FRAMES if sampled else None


def _segment_names(name: str, playlist: MediaPlaylist, plan: Plan) -> tuple[str, ...]:
    """What a player would load; where the playlist tells nothing, what was planned."""
    listed = tuple(Path(entry.uri).name for entry in playlist.entries)
    return listed or tuple(release.segment_name(name, number) for number in range(plan.segments))


def _read_init(path: Path) -> tuple[bytes, Track | None, str]:
    if not path.is_file():
        return b"", None, "the file is missing"
    data = path.read_bytes()
    try:
        return data, read_track(data), ""
    except BoxError as error:
        return data, None, str(error)
