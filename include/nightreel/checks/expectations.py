"""Everything that is expected of a release, and of a track by itself."""

from dataclasses import replace

from nightreel.checks.facts.release import ReleaseFacts
from nightreel.checks.facts.track import TrackFacts, track_layout
from nightreel.checks.suites.playlists import playlists_suite
from nightreel.checks.suites.protection import protection_suite
from nightreel.checks.suites.release import release_suite
from nightreel.checks.suites.renditions import renditions_suite
from nightreel.checks.suites.rules import Suite
from nightreel.checks.suites.segments import segments_suite
from nightreel.checks.suites.source import source_suite
from nightreel.checks.suites.stills import stills_suite
from nightreel.checks.suites.subtitles import subtitles_suite
from nightreel.checks.suites.transport_segments import transport_segments_suite
from nightreel.media.planning.plan import Plan
from nightreel.media.source import SourceProbe
from nightreel.vocabulary.protection import ContentKey


def suites_of_release(
    facts: ReleaseFacts,
    plan: Plan,
    source: SourceProbe,
    fetched_bytes: int,
    key: ContentKey | None = None,
) -> tuple[Suite, ...]:
    """Every rule, on every track and on what ties them together."""
    segments = transport_segments_suite if plan.container == "ts" else segments_suite
    return (
        source_suite(plan, source, fetched_bytes),
        renditions_suite(facts.tracks, plan, source),
        segments(facts.tracks, plan, facts),
        subtitles_suite(facts.tracks, plan),
        protection_suite(facts.tracks, plan, key, facts.mpd),
        playlists_suite(facts.tracks, plan, source, facts),
        stills_suite(facts, plan),
        release_suite(facts.files),
    )


def suites_of_track(
    track: TrackFacts, plan: Plan, source: SourceProbe, key: ContentKey | None = None
) -> tuple[Suite, ...]:
    """The rules for which the facts of one track are enough. Raises KeyError for one that is not planned."""
    segments = transport_segments_suite if plan.container == "ts" else segments_suite
    alone = (track,)
    suites = (
        renditions_suite(alone, plan, source),
        segments(alone, plan),
        subtitles_suite(alone, plan),
        protection_suite(alone, plan, key),
        playlists_suite(alone, plan, source),
        release_suite(track.files, tuple(track_layout(track.rendition, plan))),
    )
    return tuple(
        replace(suite, rules=tuple(rule for rule in suite.rules if rule.by_track)) for suite in suites
    )
