"""A release directory, measured: every rendition, every manifest, every file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nightreel.checks.facts.files import FileFacts, measure_files
from nightreel.checks.facts.mpd import DashManifest, read_mpd
from nightreel.checks.facts.playlists import MasterPlaylist, read_master
from nightreel.checks.facts.rendition import Rendition, measure_rendition
from nightreel.checks.facts.sprites import SpriteIndex, read_sprite_index
from nightreel.checks.facts.subtitles import Subtitles, measure_subtitles
from nightreel.checks.facts.transport_rendition import measure_transport_rendition
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, VideoRendition
from nightreel.media.stills.thumbnails import thumbnail_count
from nightreel.vocabulary import release
from nightreel.vocabulary.protection import ContentKey


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """Everything measured of one release."""

    renditions: tuple[Rendition, ...]
    master: MasterPlaylist
    mpd: DashManifest
    subtitles: tuple[Subtitles, ...]
    sprites: SpriteIndex
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
    sprites = read_sprite_index(directory)
    planned: list[VideoRendition | AudioRendition] = [*plan.video, *plan.alternate_sounds]
    subtitles = tuple(measure_subtitles(directory, plan, item, mpd) for item in plan.text)
    renditions = tuple(
        measure_transport_rendition(directory, plan, item, key)
        if plan.container == "ts"
        else measure_rendition(directory, plan, item, mpd, key)
        for item in planned
    )
    documents: Iterable[Iterable[str]] = (
        _layout(plan),
        master.uris,
        mpd.names,
        sprites.sheets,
        *(text.names for text in subtitles),
        *(rendition_names for rendition in renditions for rendition_names in rendition.names),
    )
    named = Counter(name for document in documents for name in set(document))
    return ReleaseFacts(
        renditions=renditions,
        master=master,
        mpd=mpd,
        subtitles=subtitles,
        sprites=sprites,
        files=tuple(measure_files(directory, named)),
    )


def _layout(plan: Plan) -> Iterator[str]:
    """What is there without being named: the documents that a player is given, and the stills."""
    yield from (release.MASTER, release.POSTER, release.SPRITES)
    if plan.container == "cmaf":
        yield release.MPD
    # Clients count the thumbnails up.
    yield from (release.thumbnail_name(number) for number in range(thumbnail_count(plan)))
