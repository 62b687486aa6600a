"""Rows of the suite `playlists` about DASH: the MPD and every representation of it."""

from collections.abc import Iterator

from nightreel.checks.facts.release import ReleaseFacts
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.suites.measures import (
    NONE,
    codec_list,
    measured_channels,
    measured_codec,
    measured_resolution,
    rate_error,
)
from nightreel.checks.suites.playlist_row import PlaylistRow
from nightreel.checks.suites.rules import MISSING
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import AudioRendition, TextRendition
from nightreel.vocabulary import release

_SUBTITLES, _FORCED_SUBTITLES = "subtitle", "forced-subtitle"
"""Roles of ISO/IEC 23009-1, 5.8.5.5."""


def dash_rows(facts: ReleaseFacts, plan: Plan) -> Iterator[PlaylistRow]:
    """The MPD's row, then one for each of its representations."""
    yield _manifest_row(facts, plan)
    for video in plan.video:
        yield _representation_row(facts.rendition(video.name), None, facts)
    for audio in plan.audio:
        yield _representation_row(facts.rendition(audio.name), audio, facts)
    for text in plan.text:
        yield _text_row(text, facts)


def _manifest_row(facts: ReleaseFacts, plan: Plan) -> PlaylistRow:
    mpd = facts.mpd
    # The longest track is what counts: a sound may pass the end of the picture by an AAC frame.
    ends = [rendition.end for rendition in facts.renditions if rendition.end is not None]
    longest = max([plan.frames / plan.frame_rate, *ends])
    error = MISSING if mpd.duration is None else float((mpd.duration - longest) * plan.frame_rate)
    return PlaylistRow(
        name=mpd.name,
        fault=mpd.fault or None,
        mpd_type=mpd.type or NONE,
        mpd_periods=mpd.periods,
        mpd_duration_error_frames=error,
        duplicate_ids=", ".join(mpd.duplicate_ids) or None,
        unaligned_sets=", ".join(mpd.unaligned_sets) or None,
        representations=len(mpd.representations),
        planned_representations=len(plan.renditions),
    )


def _representation_row(
    rendition: Rendition, sound: AudioRendition | None, facts: ReleaseFacts
) -> PlaylistRow:
    said = facts.mpd.representation(rendition.name)
    name = f"{facts.mpd.name}: {release.init_name(rendition.name)}"
    if said is None:
        return PlaylistRow(name=name, times_named=0)
    same_set = [found for found in facts.mpd.representations if found.adaptation_set == said.adaptation_set]
    return PlaylistRow(
        name=name,
        times_named=sum(found.init == said.init for found in facts.mpd.representations),
        timeline_gaps=said.gaps,
        timeline_differs=any(found.timeline != said.timeline for found in same_set),
        media_names_differ=said.segments != tuple(segment.name for segment in rendition.segments),
        mpd_bandwidth_error=rate_error(rendition.peak_bps, said.bandwidth),
        codecs=codec_list([said.codecs]) or NONE,
        measured_codecs=codec_list([measured_codec(rendition)]),
        resolution=None if sound else f"{said.width}x{said.height}",
        measured_resolution=None if sound else measured_resolution(rendition),
        # The MPD may say nothing of a language that is not known.
        language=(said.language or "und") if sound else None,
        planned_language=sound.language if sound else None,
        channels=(said.channels or 0) if sound else None,
        measured_channels=measured_channels(rendition) if sound else None,
    )


def _text_row(item: TextRendition, facts: ReleaseFacts) -> PlaylistRow:
    said, file = facts.mpd.representation(item.name), release.subtitles_name(item.name)
    return PlaylistRow(
        name=f"{facts.mpd.name}: {file}",
        times_named=sum(other.file == file for other in facts.mpd.representations),
        language=said.language or "und" if said else None,
        planned_language=item.language if said else None,
        text_role=(_FORCED_SUBTITLES if item.forced else _SUBTITLES) in said.roles if said else None,
    )
