"""Rows of the suite `playlists` about HLS: the multivariant playlist and every entry of it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from nightreel.checks.facts.playlists import Alternative, StreamInf
from nightreel.checks.facts.release import ReleaseFacts
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.suites.measures import (
    NONE,
    codec_list,
    measured_channels,
    measured_codec,
    measured_resolution,
    measured_video_range,
    rate_error,
)
from nightreel.checks.suites.playlist_row import PlaylistRow
from nightreel.checks.suites.rules import MISSING
from nightreel.checks.suites.transport_playlists import channels_within, codecs_within
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import TextRendition, VideoRendition
from nightreel.vocabulary import release


def master_rows(facts: ReleaseFacts, plan: Plan) -> Iterator[PlaylistRow]:
    """The multivariant playlist's row, then its groups of sounds, its variants and its subtitles."""
    groups = sorted({item.group for item in facts.master.audio})
    offered: list[str | None] = [*groups] or [None]
    yield _master_row(facts, plan, groups)
    for group in groups:
        yield _group_row(facts, group)
    for video in plan.video:
        rendition = facts.rendition(video.name)
        # A picture is offered once with each group of sounds.
        for with_group in offered:
            yield _variant_row(rendition, video, with_group, facts, plan)
        # Parts of what is encrypted whole cannot be named.
        if plan.container == "cmaf" or not plan.encrypted:
            yield _i_frame_variant_row(rendition, facts)
    yield from _sound_rows(facts, plan)
    if plan.text:
        yield _text_group_row(facts)
        yield from (_text_row(item, facts) for item in plan.text)


def _master_row(facts: ReleaseFacts, plan: Plan, groups: Sequence[str]) -> PlaylistRow:
    master = facts.master
    asked = {variant.audio_group for variant in master.variants if variant.audio_group}
    known = {release.playlist_name(item.name) for item in plan.renditions}
    known |= {release.iframe_playlist_name(item.name) for item in plan.video}
    return PlaylistRow(
        name=master.name,
        fault=master.fault or None,
        version_shortfall=master.needed_version - master.version,
        independent_segments=master.independent_segments,
        unknown_uris=", ".join(sorted(set(master.uris) - known)) or None,
        first_variant=master.variants[0].uri if master.variants else NONE,
        planned_first_variant=release.playlist_name(plan.video_in_playlist_order[0].name),
        unknown_sound_groups=", ".join(sorted(asked - set(groups))) or None,
        sound_groups=len(groups),
        planned_sound_groups=len({item.channels for item in plan.audio}),
    )


def _group_row(facts: ReleaseFacts, group: str) -> PlaylistRow:
    members = [item for item in facts.master.audio if item.group == group]
    return PlaylistRow(
        name=f"{facts.master.name}: group {group}",
        default_count=sum(item.default for item in members),
        names_used_twice=_twice(members),
    )


def _text_group_row(facts: ReleaseFacts) -> PlaylistRow:
    members = facts.master.subtitles
    return PlaylistRow(
        name=f"{facts.master.name}: subtitles",
        default_texts=sum(item.default for item in members),
        names_used_twice=_twice(members),
    )


def _variant_row(
    rendition: Rendition, item: VideoRendition, group: str | None, facts: ReleaseFacts, plan: Plan
) -> PlaylistRow:
    uri = release.playlist_name(item.name)
    variants = [
        found for found in facts.master.variants if found.uri == uri and (found.audio_group or None) == group
    ]
    variant = variants[0] if variants else _unnamed(uri)
    sounds = _sounds(facts, plan, group)
    peak = _with_sound(rendition.peak_bps, [sound.peak_bps for sound in sounds])
    average = _with_sound(rendition.average_bps, [sound.average_bps for sound in sounds])
    subtitles = facts.master.subtitles
    return PlaylistRow(
        name=f"{facts.master.name}: {uri}" + (f" with {group}" if group else ""),
        times_named=len(variants),
        missing_attributes=", ".join(variant.missing) or None,
        bandwidth_error=rate_error(peak, variant.bandwidth),
        average_bandwidth_error=rate_error(average, variant.average_bandwidth),
        peak_over_average=peak / average if peak and average else MISSING,
        codecs=codec_list(variant.codecs.split(",")),
        measured_codecs=codec_list(
            [measured_codec(rendition), *codecs_within(rendition, plan), *map(measured_codec, sounds)]
        ),
        resolution=variant.resolution or NONE,
        measured_resolution=measured_resolution(rendition),
        frame_rate=variant.frame_rate or 0.0,
        measured_frame_rate=_frame_rate(rendition),
        video_range=_video_range(variant, plan),
        measured_video_range=measured_video_range(rendition),
        captions_told=bool(variant.closed_captions),
        subtitle_group=variant.subtitle_group,
        known_subtitle_group=(subtitles[0].group if subtitles else NONE) if plan.text else None,
    )


def _i_frame_variant_row(rendition: Rendition, facts: ReleaseFacts) -> PlaylistRow:
    uri = release.iframe_playlist_name(rendition.name)
    variants = [variant for variant in facts.master.i_frames if variant.uri == uri]
    variant = variants[0] if variants else _unnamed(uri)
    return PlaylistRow(
        name=f"{facts.master.name}: {uri}",
        times_named=len(variants),
        codecs=codec_list(variant.codecs.split(",")),
        measured_codecs=codec_list([measured_codec(rendition)]),
        resolution=variant.resolution or NONE,
        measured_resolution=measured_resolution(rendition),
    )


def _sound_rows(facts: ReleaseFacts, plan: Plan) -> Iterator[PlaylistRow]:
    """A row per member of a group, and one for each sound that is a member of none."""
    for item in plan.audio:
        # The sound within the variants has no playlist of its own.
        uri = "" if item == plan.muxed_sound else release.playlist_name(item.name)
        named = [media for media in facts.master.audio if media.uri == uri]
        if not named:
            yield PlaylistRow(name=f"{facts.master.name}: {uri or item.name}", times_named=0)
        for media in named:
            yield PlaylistRow(
                name=f"{facts.master.name}: {uri or item.name} in {media.group}",
                times_named=sum(other.group == media.group for other in named),
                language=media.language or NONE,
                planned_language=item.language,
                label=media.name or NONE,
                planned_label=item.label,
                channels=media.channels or 0,
                measured_channels=measured_channels(facts.rendition(item.name))
                if uri
                else channels_within(facts.rendition(plan.video[0].name), plan),
                chosen_unasked=media.autoselect if media.default else None,
            )


def _text_row(item: TextRendition, facts: ReleaseFacts) -> PlaylistRow:
    uri = release.playlist_name(item.name)
    named = [media for media in facts.master.subtitles if media.uri == uri]
    media = named[0] if named else Alternative(uri, "SUBTITLES", "", "", "", False, False, False, None)
    return PlaylistRow(
        name=f"{facts.master.name}: {uri}",
        times_named=len(named),
        language=media.language or NONE,
        planned_language=item.language,
        label=media.name or NONE,
        planned_label=item.label,
        forced=media.forced,
        planned_forced=item.forced,
        chosen_unasked=media.autoselect if media.default or media.forced else None,
    )


def _twice(members: Sequence[Alternative]) -> str | None:
    """NAMEs that a group has more than once (RFC 8216, 4.3.4.1.1)."""
    return (
        ", ".join(name for name, count in Counter(item.name for item in members).items() if count > 1) or None
    )


def _sounds(facts: ReleaseFacts, plan: Plan, group: str | None) -> list[Rendition]:
    uris = {item.uri for item in facts.master.audio if item.group == group}
    return [facts.rendition(item.name) for item in plan.audio if release.playlist_name(item.name) in uris]


def _unnamed(uri: str) -> StreamInf:
    return StreamInf(
        uri=uri,
        bandwidth=None,
        average_bandwidth=None,
        codecs="",
        resolution="",
        frame_rate=None,
        video_range="",
        audio_group=None,
        subtitle_group=None,
        closed_captions="",
    )


def _video_range(variant: StreamInf, plan: Plan) -> str:
    # It may be left out where everything is SDR (Apple HLS authoring rule 9.16).
    all_sdr = all(item.dynamic_range == "sdr" for item in plan.video)
    return variant.video_range or ("SDR" if all_sdr else NONE)


def _with_sound(picture: float | None, sounds: list[float | None]) -> float | None:
    """A variant's rate: the picture's, and that of the most demanding sound (RFC 8216, 4.3.4.2)."""
    if picture is None or None in sounds:
        return None
    return picture + max((sound for sound in sounds if sound is not None), default=0.0)


def _frame_rate(rendition: Rendition) -> float:
    """Frames per second to three decimals, as FRAME-RATE is written (RFC 8216, 4.3.4.2)."""
    duration = rendition.duration
    return round(float(rendition.samples / duration), 3) if duration else MISSING
