"""One language of subtitles of a release: its playlist, its segments, and the whole of it for DASH."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nightreel.checks.facts.playlists import MediaPlaylist, read_media_playlist
from nightreel.checks.facts.webvtt import WebVtt, read_webvtt
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import TextRendition
from nightreel.vocabulary import release


@dataclass(frozen=True, slots=True)
class Subtitles:
    """One planned rendition as it lies in the directory.

    `whole` is the file for DASH; beside MPEG-TS, which has none, what the segments hold together.
    """

    name: str
    playlist: MediaPlaylist
    segments: tuple[WebVtt, ...]
    whole: WebVtt

    @property
    def names(self) -> Iterator[frozenset[str]]:
        """The files that its playlist names."""
        yield frozenset(entry.uri for entry in self.playlist.entries)


def measure_subtitles(directory: Path, plan: Plan, item: TextRendition) -> Subtitles:
    """Measure one planned rendition. Damage becomes facts, never an exception."""
    playlist = read_media_playlist(directory / release.playlist_name(item.name))
    listed = tuple(Path(entry.uri).name for entry in playlist.entries)
    names = listed or tuple(release.segment_name(item.name, number) for number in range(plan.segments))
    whole = release.subtitles_name(item.name)
    segments = tuple(read_webvtt(directory / name) for name in names)
    return Subtitles(
        name=item.name,
        playlist=playlist,
        segments=segments,
        whole=read_webvtt(directory / whole) if plan.container == "cmaf" else _together(whole, segments),
    )


def _together(name: str, segments: tuple[WebVtt, ...]) -> WebVtt:
    return WebVtt(name, cues=tuple(dict.fromkeys(cue for segment in segments for cue in segment.cues)))
