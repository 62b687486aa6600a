"""A release directory, measured: every rendition, every manifest, every file."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from nightreel import release
from nightreel.checks.facts.boxes import BoxError
from nightreel.checks.facts.init_segment import Track, read_track
from nightreel.checks.facts.mpd import DashManifest, Representation, read_mpd
from nightreel.checks.facts.playlists import (
    MasterPlaylist,
    MediaPlaylist,
    read_master,
    read_media_playlist,
)
from nightreel.checks.facts.segments import Picture, Segment, measure_segment
from nightreel.checks.facts.stills import jpeg_fault
from nightreel.media.plan import Plan
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.protection import ContentKey

_PEAK_SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Rendition:
    """One planned rendition as it lies in the directory. `i_frames` is None for sound."""

    name: str
    track: Track | None
    init_fault: str
    segments: tuple[Segment, ...]
    playlist: MediaPlaylist
    i_frames: MediaPlaylist | None
    representation: Representation | None

    @property
    def picture(self) -> Picture | None:
        return next((segment.picture for segment in self.segments if segment.picture), None)

    @property
    def samples(self) -> int:
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
        start, end = self.start, self.end
        return None if start is None or end is None else end - start

    @property
    def average_bps(self) -> float | None:
        """Bits per second over all segments."""
        seconds = sum(float(segment.timing.duration) for segment in self.segments if segment.timing)
        return sum(segment.size for segment in self.segments) * 8 / seconds if seconds else None

    @property
    def peak_bps(self) -> float | None:
        """Bits per second of the busiest segment.

        Segments shorter than half the usual length do not count (RFC 8216, 4.1). As the
        packager does, the usual length is taken to be the mean of the first ten.
        """
        timed = [
            (segment.size, float(segment.timing.duration))
            for segment in self.segments
            if segment.timing and segment.timing.duration > 0
        ]
        if not timed:
            return None
        first = [seconds for _, seconds in timed[:_PEAK_SAMPLE]]
        usual = sum(first) / len(first)
        return max(size * 8 / seconds for size, seconds in timed if seconds >= usual / 2)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file that is in the directory, or that something names. `size` in bytes."""

    name: str
    exists: bool
    size: int
    named_by: int
    """How many playlists and manifests name it."""
    jpeg_fault: str | None
    """None for what is not meant to be a picture, empty for a whole JPEG."""


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """Everything measured of one release."""

    renditions: tuple[Rendition, ...]
    master: MasterPlaylist
    mpd: DashManifest
    files: tuple[FileFacts, ...]

    def rendition(self, name: str) -> Rendition:
        """Raises KeyError for a name that was not planned."""
        return {item.name: item for item in self.renditions}[name]


def measure_release(directory: Path, plan: Plan, key: ContentKey | None = None) -> ReleaseFacts:
    """Measure a release, one segment at a time. Damage becomes facts, never an exception.

    Encrypted segments are decrypted with `key`.
    """
    mpd = read_mpd(directory / release.MPD)
    master = read_master(directory / release.MASTER)
    planned: list[VideoRendition | AudioRendition] = [*plan.video, *plan.audio]
    renditions = tuple(_measure_rendition(directory, plan, item, mpd) for item in planned)
    return ReleaseFacts(
        renditions=renditions,
        master=master,
        mpd=mpd,
        files=tuple(_measure_files(directory, _names(renditions, master, mpd))),
    )


def _measure_rendition(
    directory: Path, plan: Plan, item: VideoRendition | AudioRendition, mpd: DashManifest
) -> Rendition:
    init, track, init_fault = _read_init(directory / release.init_name(item.name))
    playlist = read_media_playlist(directory / release.playlist_name(item.name))
    is_video = isinstance(item, VideoRendition)
    return Rendition(
        name=item.name,
        track=track,
        init_fault=init_fault,
        segments=tuple(
            measure_segment(directory / name, init, track)
            for name in _segment_names(item.name, playlist, plan)
        ),
        playlist=playlist,
        i_frames=read_media_playlist(directory / release.iframe_playlist_name(item.name))
        if is_video
        else None,
        representation=next(
            (found for found in mpd.representations if found.init == release.init_name(item.name)), None
        ),
    )


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


def _names(renditions: tuple[Rendition, ...], master: MasterPlaylist, mpd: DashManifest) -> dict[str, int]:
    """How many documents name each file."""
    documents: list[set[str]] = [
        # The two that a player is given, and what the layout itself asks for.
        {release.MASTER, release.MPD, release.POSTER, release.thumbnail_name(0)},
        set(master.uris),
        {name for item in mpd.representations for name in (item.init, *item.segments)},
    ]
    for rendition in renditions:
        for playlist in (rendition.playlist, rendition.i_frames):
            if playlist is not None:
                documents.append({*playlist.map_uris, *(entry.uri for entry in playlist.entries)})
    counts: dict[str, int] = {}
    for document in documents:
        for name in document:
            counts[name] = counts.get(name, 0) + 1
    return counts


def _measure_files(directory: Path, named: dict[str, int]) -> Iterator[FileFacts]:
    present = {path.name for path in directory.iterdir() if path.name != release.MANIFEST}
    stills = {name for name in present if name.startswith("thumb_")}
    # Thumbnails are numbered without a gap: clients count them up.
    numbered = {release.thumbnail_name(number) for number in range(len(stills))}
    for name in sorted(present | set(named) | numbered):
        path = directory / name
        is_still = name == release.POSTER or name in stills
        yield FileFacts(
            name=name,
            exists=path.is_file(),
            size=path.stat().st_size if path.is_file() else 0,
            named_by=named.get(name, 0) + (name in numbered),
            jpeg_fault=jpeg_fault(path) if is_still and path.is_file() else None,
        )
