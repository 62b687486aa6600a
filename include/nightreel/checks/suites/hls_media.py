"""Rows of the suite `playlists` about HLS: every media playlist and I-frame playlist."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from nightreel.checks.facts.playlists import MediaPlaylist
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.facts.subtitles import Subtitles
from nightreel.checks.facts.track import TrackFacts
from nightreel.checks.suites.measures import NONE
from nightreel.checks.suites.playlist_row import PlaylistRow, row_of
from nightreel.checks.suites.transport_playlists import lone_pictures_row
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AudioRendition, VideoRendition
from nightreel.media.source import SourceProbe
from nightreel.vocabulary import release


def media_rows(tracks: Iterable[TrackFacts], plan: Plan, source: SourceProbe) -> Iterator[PlaylistRow]:
    """A row for each media playlist and each list of keyframes of tracks."""
    for track in tracks:
        rendition = track.rendition
        error = _sum_error(rendition, plan, source)
        yield _media_row(rendition.playlist, plan, _planned_init(rendition, plan), error)
        if isinstance(rendition, Rendition) and rendition.i_frames is not None:
            yield (
                _i_frame_row(rendition, plan)
                if plan.container == "cmaf"
                else lone_pictures_row(rendition, plan)
            )


def _sum_error(rendition: Rendition | Subtitles, plan: Plan, source: SourceProbe) -> float:
    """By how much the EXTINFs add up to more than they should, in frames of the rendition's own."""
    item, duration = plan.rendition(rendition.name), rendition.playlist.duration
    if isinstance(rendition, Rendition) and isinstance(item, AudioRendition):
        # The sound may end up to an AAC frame after the picture; that is judged with the renditions.
        return (duration - float(rendition.duration or 0)) * item.sample_rate / AAC_FRAME_SAMPLES
    due = source.lasts_after(plan.lead) if isinstance(item, VideoRendition) else plan.duration
    return (duration - due) * float(plan.frame_rate)


def _planned_init(rendition: Rendition | Subtitles, plan: Plan) -> str | None:
    is_text = isinstance(rendition, Subtitles)
    return release.init_name(rendition.name) if plan.container == "cmaf" and not is_text else None


def _media_row(
    playlist: MediaPlaylist, plan: Plan, planned_init: str | None, sum_error: float
) -> PlaylistRow:
    """`planned_init` is None for text and MPEG-TS, which have none."""
    return replace(
        row_of(playlist, i_frames=False),
        init=",".join(playlist.map_uris) or (NONE if planned_init else None),
        planned_init=planned_init,
        target_duration=playlist.target_duration or 0,
        # One for sound and picture (Apple HLS authoring rule 8.2).
        planned_target_duration=plan.target_duration,
        extinf_sum_error_units=sum_error,
    )


def _i_frame_row(rendition: Rendition, plan: Plan) -> PlaylistRow:
    playlist = rendition.i_frames or MediaPlaylist(release.iframe_playlist_name(rendition.name), "missing")
    sizes = {segment.name: segment.size for segment in rendition.segments}
    keyframes = [
        (segment.name, byte_range)
        for segment in rendition.segments
        if segment.timing
        for byte_range in segment.timing.byte_ranges
    ]
    named = [(entry.uri, entry.byte_range) for entry in playlist.entries]
    return replace(
        row_of(playlist, i_frames=True),
        init=",".join(playlist.map_uris) or NONE,
        planned_init=release.init_name(rendition.name),
        entries=len(named),
        planned_entries=len(plan.grid.keyframes),
        extinf_sum_error_units=(playlist.duration - plan.duration) * float(plan.frame_rate),
        ranges_outside_files=sum(
            not span or span[1] > sizes.get(uri, 0) or span[0] >= span[1] for uri, span in named
        ),
        ranges_off_keyframes=len(set(named) ^ set(keyframes)),
    )
