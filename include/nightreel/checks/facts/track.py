"""One track, measured by itself: a picture, a sound or subtitles, and the files that are its own."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from nightreel.checks.facts.files import FileFacts, measure_files
from nightreel.checks.facts.rendition import Rendition, measure_rendition
from nightreel.checks.facts.subtitles import Subtitles, measure_subtitles
from nightreel.checks.facts.transport_rendition import measure_transport_rendition
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, TextRendition, VideoRendition
from nightreel.vocabulary import release
from nightreel.vocabulary.media import CopyCheck
from nightreel.vocabulary.protection import ContentKey
from nightreel.vocabulary.tracks import rendition_of

TrackItem = VideoRendition | AudioRendition | TextRendition


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """Everything measured of one track. Nothing of it comes from another track or from a manifest.

    `files` are its own that are there or should be, and those that its playlists name, whosever
    they are; `named_by` counts these playlists.
    """

    rendition: Rendition | Subtitles
    files: tuple[FileFacts, ...]

    @property
    def name(self) -> str:
        """Of the rendition."""
        return self.rendition.name

    @property
    def own_files(self) -> tuple[FileFacts, ...]:
        """Without what its playlists name of others."""
        return tuple(file for file in self.files if rendition_of(file.name) == self.name)


def planned_tracks(plan: Plan) -> tuple[TrackItem, ...]:
    """What has files of its own: all renditions but the sound within the segments of a picture."""
    return (*plan.video, *plan.alternate_sounds, *plan.text)


def renditions_in(tracks: Iterable[TrackFacts]) -> tuple[Rendition, ...]:
    """The pictures and the sounds among tracks."""
    return tuple(track.rendition for track in tracks if isinstance(track.rendition, Rendition))


def subtitles_in(tracks: Iterable[TrackFacts]) -> tuple[Subtitles, ...]:
    """The subtitles among tracks."""
    return tuple(track.rendition for track in tracks if isinstance(track.rendition, Subtitles))


def measure_track(
    directory: Path,
    plan: Plan,
    item: TrackItem,
    key: ContentKey | None = None,
    copy_check: CopyCheck = "sampled",
) -> TrackFacts:
    """Measure one rendition, one segment at a time. Damage becomes facts, never an exception.

    In `directory` lies this track alone, or a whole release: files of others are passed over.
    Encrypted segments are decrypted with `key`.
    """
    rendition = _measured(directory, plan, item, key, copy_check)
    own = {path.name for path in directory.iterdir() if rendition_of(path.name) == item.name}
    named = Counter(name for document in rendition.names for name in document)
    files = measure_files(directory, {*own, *track_layout(rendition, plan)}, named)
    return TrackFacts(rendition, tuple(files))


def absent_track(plan: Plan, item: TrackItem) -> TrackFacts:
    """The facts of a track of which nothing is there."""
    with TemporaryDirectory(prefix="nightreel-absent-") as folder:
        return measure_track(Path(folder), plan, item)


def track_layout(rendition: Rendition | Subtitles, plan: Plan) -> Iterator[str]:
    """What a track has without naming it: the files with which a player begins."""
    yield rendition.playlist.name
    if isinstance(rendition, Rendition) and rendition.i_frames is not None:
        yield rendition.i_frames.name
    if plan.container == "cmaf":
        is_text = isinstance(rendition, Subtitles)
        yield release.subtitles_name(rendition.name) if is_text else release.init_name(rendition.name)


def _measured(
    directory: Path, plan: Plan, item: TrackItem, key: ContentKey | None, copy_check: CopyCheck
) -> Rendition | Subtitles:
    if isinstance(item, TextRendition):
        return measure_subtitles(directory, plan, item)
    if plan.container == "ts":
        return measure_transport_rendition(directory, plan, item, key)
    return measure_rendition(directory, plan, item, key, copy_check)
