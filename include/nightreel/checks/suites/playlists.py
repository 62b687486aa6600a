"""The suite `playlists`: every playlist and manifest, and every entry of the two that players open."""

from collections.abc import Iterable, Iterator

from nightreel.checks.facts.release import ReleaseFacts
from nightreel.checks.facts.track import TrackFacts
from nightreel.checks.suites.dash import dash_rows
from nightreel.checks.suites.hls_master import master_rows
from nightreel.checks.suites.hls_media import media_rows
from nightreel.checks.suites.playlist_row import PlaylistRow
from nightreel.checks.suites.rules import (
    Rule,
    Suite,
    absent,
    advised,
    among,
    exactly,
    holds,
    of_track,
    same,
    within,
)
from nightreel.media.planning.plan import Plan
from nightreel.media.source import SourceProbe

_RATE_TOLERANCE = 0.1
"""Apple HLS authoring rules 1.26 and 1.27."""
_HIGHEST_PEAK = 2.0
"""Apple HLS authoring rule 1.30, for video on demand."""


def playlists_suite(
    tracks: Iterable[TrackFacts], plan: Plan, source: SourceProbe, facts: ReleaseFacts | None = None
) -> Suite:
    """The playlists of tracks against the plan. With `facts`, also those and the MPD of that release."""
    rules = (*_both(), *_hls_media(), *_hls_master(), *_dash())
    of_set = _set_rows(facts, plan) if facts is not None else ()
    return Suite("playlists", PlaylistRow, (*of_set, *media_rows(tracks, plan, source)), rules)


def _set_rows(facts: ReleaseFacts, plan: Plan) -> Iterator[PlaylistRow]:
    yield from master_rows(facts, plan)
    if plan.container == "cmaf":
        yield from dash_rows(facts, plan)


def _both() -> tuple[Rule, ...]:
    return (
        *of_track(
            absent("playlist-readable", "fault", "A playlist or manifest cannot be read"),
            within("version", "version_shortfall", None, 0, "EXT-X-VERSION is too low for a playlist's tags"),
        ),
        exactly("named-once", "times_named", 1, "A rendition is not named exactly once"),
        same("codecs", "codecs", "measured_codecs", "CODECS does not match the files"),
        same("resolution", "resolution", "measured_resolution", "RESOLUTION does not match the picture"),
        same("language", "language", "planned_language", "A language is missing or does not match the track"),
        same("channels", "channels", "measured_channels", "The number of channels does not match the sound"),
    )


def _hls_media() -> tuple[Rule, ...]:
    return of_track(
        among("vod", "playlist_type", ["VOD"], "A playlist has no EXT-X-PLAYLIST-TYPE:VOD"),
        holds("ended", "ended", "A playlist has no EXT-X-ENDLIST"),
        holds(
            "i-frames-only",
            "kind_tag_right",
            "EXT-X-I-FRAMES-ONLY is where it should not be, or is missing",
        ),
        same(
            "map",
            "init",
            "planned_init",
            "EXT-X-MAP is missing, or names another rendition's init segment",
        ),
        within("target-duration", "target_duration", 1, None, "A playlist has no EXT-X-TARGETDURATION"),
        same(
            "same-target",
            "target_duration",
            "planned_target_duration",
            "A playlist's EXT-X-TARGETDURATION is not the one that all of the title have",
        ),
        within(
            "extinf-sum",
            "extinf_sum_error_units",
            -1,
            1,
            "The EXTINFs add up to more than one frame above or below the duration",
        ),
        same(
            "i-frame-count",
            "entries",
            "planned_entries",
            "An I-frame playlist has too many or too few entries",
        ),
        exactly(
            "i-frame-inside", "ranges_outside_files", 0, "An I-frame byte range reaches outside its file"
        ),
        exactly("i-frame-keyframes", "ranges_off_keyframes", 0, "An I-frame byte range is not at a keyframe"),
    )


def _hls_master() -> tuple[Rule, ...]:
    return (
        holds(
            "independent-segments",
            "independent_segments",
            "The multivariant playlist has no EXT-X-INDEPENDENT-SEGMENTS",
        ),
        absent(
            "known-renditions",
            "unknown_uris",
            "The multivariant playlist names a rendition that was not planned",
        ),
        same(
            "first-variant",
            "first_variant",
            "planned_first_variant",
            "The first variant is not the one nearest to 2 Mb/s",
        ),
        same(
            "sound-groups",
            "sound_groups",
            "planned_sound_groups",
            "There is not exactly one audio group for stereo, and one for 5.1 if the title has it",
        ),
        absent("audio-group", "unknown_sound_groups", "A variant's AUDIO names no audio group"),
        exactly("one-default", "default_count", 1, "An audio group does not have exactly one default"),
        within("one-default-text", "default_texts", 0, 1, "More than one subtitle track is the default"),
        absent("names-differ", "names_used_twice", "A group has a NAME twice"),
        same("name", "label", "planned_label", "A NAME is not the one planned"),
        same("forced", "forced", "planned_forced", "FORCED is not as planned for the subtitles"),
        holds("autoselect", "chosen_unasked", "A default or forced track is not AUTOSELECT=YES"),
        absent("variant-attributes", "missing_attributes", "A variant lacks an attribute"),
        within(
            "bandwidth",
            "bandwidth_error",
            -_RATE_TOLERANCE,
            _RATE_TOLERANCE,
            "BANDWIDTH is more than 10 % from the measured peak",
        ),
        within(
            "average-bandwidth",
            "average_bandwidth_error",
            -_RATE_TOLERANCE,
            _RATE_TOLERANCE,
            "AVERAGE-BANDWIDTH is more than 10 % from the measured average",
        ),
        same("frame-rate", "frame_rate", "measured_frame_rate", "FRAME-RATE does not match the picture"),
        same("video-range", "video_range", "measured_video_range", "VIDEO-RANGE does not match the picture"),
        holds("closed-captions", "captions_told", "A variant does not say CLOSED-CAPTIONS=NONE"),
        same(
            "subtitle-group",
            "subtitle_group",
            "known_subtitle_group",
            "A variant's SUBTITLES names no subtitle group",
        ),
        advised(
            within(
                "peak-over-average",
                "peak_over_average",
                None,
                _HIGHEST_PEAK,
                "A variant's peak is more than 200 % of its average",
            )
        ),
    )


def _dash() -> tuple[Rule, ...]:
    return (
        among("mpd-static", "mpd_type", ["static"], "The MPD is not static"),
        exactly("mpd-period", "mpd_periods", 1, "The MPD does not have exactly one Period"),
        within(
            "mpd-presentation-duration",
            "mpd_duration_error_frames",
            -1,
            1,
            "The MPD's duration is more than one frame from the title's",
        ),
        absent("mpd-unique-ids", "duplicate_ids", "The MPD uses an id twice"),
        absent("mpd-alignment", "unaligned_sets", "An adaptation set does not promise aligned segments"),
        same(
            "mpd-representations",
            "representations",
            "planned_representations",
            "The MPD has too many or too few representations",
        ),
        exactly("mpd-gap-free", "timeline_gaps", 0, "A SegmentTimeline has gaps or overlaps"),
        among(
            "mpd-aligned", "timeline_differs", [False], "A SegmentTimeline differs from the others of its set"
        ),
        among(
            "mpd-segments", "media_names_differ", [False], "The MPD and the playlist name different segments"
        ),
        within(
            "mpd-bandwidth",
            "mpd_bandwidth_error",
            -_RATE_TOLERANCE,
            _RATE_TOLERANCE,
            "The MPD's bandwidth is more than 10 % from the measured peak",
        ),
        holds("mpd-text-role", "text_role", "The MPD does not mark a text as subtitles, or as forced ones"),
    )
