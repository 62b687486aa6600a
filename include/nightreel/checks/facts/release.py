"""A release, measured: every track by itself, then what ties them together."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nightreel.checks.facts.files import FileFacts, measure_files, merged, missing
from nightreel.checks.facts.mpd import DashManifest, read_mpd
from nightreel.checks.facts.playlists import MasterPlaylist, read_master
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.facts.sprites import SpriteIndex, read_sprite_index
from nightreel.checks.facts.subtitles import Subtitles
from nightreel.checks.facts.track import (
    TrackFacts,
    absent_track,
    measure_track,
    planned_tracks,
    renditions_in,
    subtitles_in,
)
from nightreel.media.planning.plan import Plan
from nightreel.media.stills.thumbnails import thumbnail_count
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import ContentKey
from nightreel.vocabulary.tracks import rendition_of


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """Everything measured of one release: a track for each that was planned, in the plan's order."""

    tracks: tuple[TrackFacts, ...]
    master: MasterPlaylist
    mpd: DashManifest
    sprites: SpriteIndex
    files: tuple[FileFacts, ...]

    @property
    def renditions(self) -> tuple[Rendition, ...]:
        """The pictures and the sounds."""
        return renditions_in(self.tracks)

    @property
    def subtitles(self) -> tuple[Subtitles, ...]:
        """Every language of them."""
        return subtitles_in(self.tracks)

    def rendition(self, name: str) -> Rendition:
        """A picture or a sound. Raises KeyError for a name that was not planned."""
        return {item.name: item for item in self.renditions}[name]


def measure_release(directory: Path, plan: Plan, key: ContentKey | None = None) -> ReleaseFacts:
    """Measure a release that lies in one directory. Damage becomes facts, never an exception.

    Encrypted segments are decrypted with `key`.
    """
    tracks = [measure_track(directory, plan, item, key) for item in planned_tracks(plan)]
    return measure_set(directory, plan, tracks)


def measure_set(directory: Path, plan: Plan, tracks: Iterable[TrackFacts]) -> ReleaseFacts:
    """Measure the manifests and the stills in a directory, beside the facts of the tracks.

    No file of these tracks is opened, and none need be there. A planned track without facts is
    one of which nothing is there; the files of one that was not planned count as files.
    """
    given = {track.name: track for track in tracks}
    planned = [given.get(item.name) or absent_track(plan, item) for item in planned_tracks(plan)]
    every = {track.name: track for track in planned} | given
    master = read_master(directory / release.MASTER)
    mpd = read_mpd(directory / release.MPD)
    sprites = read_sprite_index(directory)
    documents: tuple[Iterable[str], ...] = (_layout(plan), master.uris, mpd.names, sprites.sheets)
    named = Counter(name for document in documents for name in set(document))
    return ReleaseFacts(
        tracks=tuple(planned),
        master=master,
        mpd=mpd,
        sprites=sprites,
        files=tuple(_files(directory, every.values(), named)),
    )


def _files(directory: Path, tracks: Collection[TrackFacts], named: Mapping[str, int]) -> Iterator[FileFacts]:
    """What the tracks' facts say of files, and every other file that is there or named."""
    owners = {track.name for track in tracks}
    told = [file for track in tracks for file in track.files]
    own = {file.name: file for track in tracks for file in track.own_files}
    in_tracks = {name: count for name, count in named.items() if rendition_of(name) in owners}
    elsewhere = {name: count for name, count in named.items() if name not in in_tracks}
    present = (path.name for path in directory.iterdir() if path.name != release.MANIFEST)
    here = (name for name in present if rendition_of(name) not in owners)
    return merged(
        (
            *measure_files(directory, here, elsewhere),
            *told,
            *(replace(own.get(name, missing(name)), named_by=count) for name, count in in_tracks.items()),
        )
    )


def _layout(plan: Plan) -> Iterator[str]:
    """What is there without being named: the documents that a player is given, and the stills."""
    yield from (release.MASTER, release.POSTER, release.SPRITES)
    if plan.container == "cmaf":
        yield release.MPD
    # Clients count the thumbnails up.
    yield from (release.thumbnail_name(number) for number in range(thumbnail_count(plan)))
