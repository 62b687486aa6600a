"""Rows of the suite `playlists` that only a transport stream has."""

from dataclasses import replace

from nightreel.checks.facts.playlists import MediaPlaylist
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.facts.transport_rendition import sound_within
from nightreel.checks.suites.measures import measured_channels, measured_codec
from nightreel.checks.suites.playlist_row import PlaylistRow, row_of
from nightreel.media.planning.plan import Plan
from nightreel.vocabulary import release


def lone_pictures_row(rendition: Rendition, plan: Plan) -> PlaylistRow:
    """An I-frame playlist whose entries were decoded, each by itself."""
    playlist = rendition.i_frames or MediaPlaylist(release.iframe_playlist_name(rendition.name), "missing")
    sizes = {segment.name: segment.size for segment in rendition.segments}
    keyframes = plan.grid.keyframes
    shown = [None if picture.fault else picture.shown for picture in rendition.lone_pictures]
    return replace(
        row_of(playlist, i_frames=True),
        entries=len(shown),
        planned_entries=len(keyframes),
        extinf_sum_error_units=(playlist.duration - plan.duration) * float(plan.frame_rate),
        ranges_outside_files=sum(
            not entry.byte_range or entry.byte_range[1] > sizes.get(entry.uri, 0)
            for entry in playlist.entries
        ),
        ranges_off_keyframes=len({frame / plan.frame_rate for frame in keyframes} ^ set(shown)),
    )


def codecs_within(rendition: Rendition, plan: Plan) -> list[str]:
    """The codec of the sound in a picture's segments, if any."""
    if plan.muxed_sound is None:
        return []
    return [measured_codec(sound_within(rendition, plan.muxed_sound.name))]


def channels_within(rendition: Rendition, plan: Plan) -> int:
    """Of the sound that the segments of a picture carry; 0 where they carry none."""
    return measured_channels(sound_within(rendition, plan.muxed_sound.name)) if plan.muxed_sound else 0
