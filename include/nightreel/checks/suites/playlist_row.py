"""One line of the table that the suite `playlists` judges."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PlaylistRow:
    """A playlist, a manifest, or one entry of them, against what was measured.

    Rate errors are shares of what is declared; `*_units` are frames of the rendition's own:
    picture frames, or AAC frames of 1024 samples. None where the rule is not about the row.
    """

    name: str
    fault: str | None = None

    # Media and I-frame playlists.
    version: int | None = None
    playlist_type: str | None = None
    ended: bool | None = None
    kind_tag_right: bool | None = None
    """Whether EXT-X-I-FRAMES-ONLY is there exactly when it should be."""
    init: str | None = None
    planned_init: str | None = None
    target_duration: int | None = None
    common_target_duration: int | None = None
    entries: int | None = None
    planned_entries: int | None = None
    extinf_sum_error_units: float | None = None
    ranges_outside_files: int | None = None
    ranges_off_keyframes: int | None = None

    # The multivariant playlist and its entries.
    independent_segments: bool | None = None
    unknown_uris: str | None = None
    times_named: int | None = None
    missing_attributes: str | None = None
    bandwidth_error: float | None = None
    average_bandwidth_error: float | None = None
    codecs: str | None = None
    measured_codecs: str | None = None
    resolution: str | None = None
    measured_resolution: str | None = None
    frame_rate: float | None = None
    measured_frame_rate: float | None = None
    audio_group: str | None = None
    known_audio_group: str | None = None
    language: str | None = None
    planned_language: str | None = None
    default_count: int | None = None

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
