"""One row of the table that the suite `playlists` judges."""

from dataclasses import dataclass

from nightreel.checks.facts.playlists import MediaPlaylist
from nightreel.checks.suites.measures import NONE


@dataclass(frozen=True, kw_only=True)
class PlaylistRow:
    """A playlist, a manifest, or one entry of them, against what was measured.

    Rate errors are shares of what is declared; `*_units` are frames of the rendition's own:
    picture frames, or AAC frames of 1024 samples. None where the rule is not about the row.
    """

    name: str
    fault: str | None = None
    version_shortfall: int | None = None
    """By how much EXT-X-VERSION is below what the playlist's tags need."""

    # Media and I-frame playlists.
    playlist_type: str | None = None
    ended: bool | None = None
    kind_tag_right: bool | None = None
    """Whether EXT-X-I-FRAMES-ONLY is there exactly when it should be."""
    init: str | None = None
    planned_init: str | None = None
    target_duration: int | None = None
    planned_target_duration: int | None = None
    entries: int | None = None
    planned_entries: int | None = None
    extinf_sum_error_units: float | None = None
    ranges_outside_files: int | None = None
    ranges_off_keyframes: int | None = None

    # The multivariant playlist and its entries.
    independent_segments: bool | None = None
    unknown_uris: str | None = None
    first_variant: str | None = None
    planned_first_variant: str | None = None
    unknown_sound_groups: str | None = None
    sound_groups: int | None = None
    planned_sound_groups: int | None = None
    times_named: int | None = None
    missing_attributes: str | None = None
    bandwidth_error: float | None = None
    average_bandwidth_error: float | None = None
    peak_over_average: float | None = None
    codecs: str | None = None
    measured_codecs: str | None = None
    resolution: str | None = None
    measured_resolution: str | None = None
    frame_rate: float | None = None
    measured_frame_rate: float | None = None
    video_range: str | None = None
    measured_video_range: str | None = None
    captions_told: bool | None = None
    """Whether CLOSED-CAPTIONS says that there are none, or names them."""
    subtitle_group: str | None = None
    known_subtitle_group: str | None = None

    # Groups of sounds or subtitles, and their members.
    default_count: int | None = None
    default_texts: int | None = None
    names_used_twice: str | None = None
    language: str | None = None
    planned_language: str | None = None
    label: str | None = None
    planned_label: str | None = None
    channels: int | None = None
    measured_channels: int | None = None
    forced: bool | None = None
    planned_forced: bool | None = None
    chosen_unasked: bool | None = None
    """Whether AUTOSELECT is YES, where DEFAULT or FORCED demands it."""

    # The DASH manifest and its representations.
    mpd_type: str | None = None
    mpd_periods: int | None = None
    mpd_duration_error_frames: float | None = None
    duplicate_ids: str | None = None
    unaligned_sets: str | None = None
    representations: int | None = None
    planned_representations: int | None = None
    timeline_gaps: float | None = None
    timeline_differs: bool | None = None
    media_names_differ: bool | None = None
    mpd_bandwidth_error: float | None = None
    text_role: bool | None = None
    """Whether subtitles have the role that players know them by."""


def row_of(playlist: MediaPlaylist, *, i_frames: bool) -> PlaylistRow:
    """What is asked of every media playlist (RFC 8216, 4.3.3); `i_frames`: of one of I-frames alone."""
    return PlaylistRow(
        name=playlist.name,
        fault=playlist.fault or None,
        version_shortfall=playlist.needed_version - playlist.version,
        playlist_type=playlist.playlist_type or NONE,
        ended=playlist.ended,
        kind_tag_right=playlist.i_frames_only == i_frames,
    )
