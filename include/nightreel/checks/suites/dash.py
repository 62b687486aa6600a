"""Rows of the suite `playlists` about DASH: the MPD and every representation of it."""

from collections.abc import Iterator

from nightreel import release
from nightreel.checks.facts.release import ReleaseFacts
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.suites.hls import measured_codec, measured_resolution, rate_error
from nightreel.checks.suites.playlist_row import PlaylistRow
from nightreel.checks.suites.rules import MISSING
from nightreel.media.plan import Plan

_NONE = "none"


def dash_rows(facts: ReleaseFacts, plan: Plan) -> Iterator[PlaylistRow]:
    yield _manifest_row(facts, plan)
    languages = {item.name: item.language for item in plan.audio}
    for rendition in facts.renditions:
        yield _representation_row(rendition, languages.get(rendition.name), facts)


def _manifest_row(facts: ReleaseFacts, plan: Plan) -> PlaylistRow:
    mpd = facts.mpd
    error = MISSING if mpd.duration is None else float(mpd.duration * plan.frame_rate) - plan.frames
    return PlaylistRow(
        name=mpd.name,
        fault=mpd.fault or None,
        mpd_type=mpd.type or _NONE,
        mpd_periods=mpd.periods,
        mpd_duration_error_frames=error,
        duplicate_ids=", ".join(mpd.duplicate_ids) or None,
        unaligned_sets=", ".join(mpd.unaligned_sets) or None,
        representations=len(mpd.representations),
        planned_representations=len(plan.video) + len(plan.audio),
    )


def _representation_row(
    rendition: Rendition, planned_language: str | None, facts: ReleaseFacts
) -> PlaylistRow:
    said = rendition.representation
    name = f"{facts.mpd.name}: {release.init_name(rendition.name)}"
    if said is None:
        return PlaylistRow(name=name, times_named=0)
    sound = planned_language is not None
    same_set = [found for found in facts.mpd.representations if found.adaptation_set == said.adaptation_set]
    return PlaylistRow(
        name=name,
        times_named=sum(found.init == said.init for found in facts.mpd.representations),
        timeline_gaps=said.gaps,
        timeline_differs=any(found.timeline != said.timeline for found in same_set),
        media_names_differ=said.segments != tuple(segment.name for segment in rendition.segments),
        mpd_bandwidth_error=rate_error(rendition.peak_bps, said.bandwidth),
        codecs=said.codecs.lower() or _NONE,
        measured_codecs=measured_codec(rendition),
        resolution=None if sound else f"{said.width}x{said.height}",
        measured_resolution=None if sound else measured_resolution(rendition),
        # The MPD says nothing of a language that is not known.
        language=(said.language or "und") if sound else None,
        planned_language=planned_language,
    )
