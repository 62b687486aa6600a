"""Rows of the suite `playlists` about HLS: every media playlist and I-frame playlist."""

from collections.abc import Iterator
from dataclasses import replace

from nightreel.checks.facts.playlists import MediaPlaylist
from nightreel.checks.facts.release import ReleaseFacts
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.suites.measures import NONE
from nightreel.checks.suites.playlist_row import PlaylistRow, row_of
from nightreel.checks.suites.transport_playlists import lone_pictures_row
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AAC_FRAME_SAMPLES
from nightreel.media.source import SourceProbe
from nightreel.vocabulary import release


def media_rows(facts: ReleaseFacts, plan: Plan, source: SourceProbe) -> Iterator[PlaylistRow]:
    """A row for each media playlist and each list of keyframes."""
    target = facts.rendition(plan.video[0].name).playlist.target_duration or 0
    rate = float(plan.frame_rate)
    for video in plan.video:
        rendition = facts.rendition(video.name)
        error = (rendition.playlist.duration - source.duration) * rate
        yield _media_row(rendition.playlist, _planned_init(video.name, plan), target, error)
        if plan.container == "cmaf":
            yield _i_frame_row(rendition, plan)
        elif not plan.encrypted:
            yield lone_pictures_row(rendition, plan)
    for audio in plan.alternate_sounds:
        rendition = facts.rendition(audio.name)
        # The sound may end up to an AAC frame after the picture; that is judged with the renditions.
        error = rendition.playlist.duration - float(rendition.duration or 0)
        error *= audio.sample_rate / AAC_FRAME_SAMPLES
        yield _media_row(rendition.playlist, _planned_init(audio.name, plan), target, error)
    for text in facts.subtitles:
        yield _media_row(text.playlist, None, target, (text.playlist.duration - plan.duration) * rate)


def _planned_init(name: str, plan: Plan) -> str | None:
    return release.init_name(name) if plan.container == "cmaf" else None


def _media_row(
    playlist: MediaPlaylist, planned_init: str | None, target: int, sum_error: float
) -> PlaylistRow:
    """`planned_init` is None for text and MPEG-TS, which have none; `target` that of the first picture."""
    return replace(
        row_of(playlist, i_frames=False),
        init=",".join(playlist.map_uris) or (NONE if planned_init else None),
        planned_init=planned_init,
        target_duration=playlist.target_duration or 0,
        common_target_duration=target,
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
        planned_entries=-(-plan.frames // plan.gop_frames),
        extinf_sum_error_units=(playlist.duration - plan.duration) * float(plan.frame_rate),
        ranges_outside_files=sum(
            not span or span[1] > sizes.get(uri, 0) or span[0] >= span[1] for uri, span in named
        ),
        ranges_off_keyframes=len(set(named) ^ set(keyframes)),
    )
