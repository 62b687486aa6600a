"""Rows of the suite `playlists` about HLS: every playlist, and every entry of the multivariant one."""

from collections.abc import Iterator

from nightreel import release
from nightreel.checks.facts.playlists import MediaPlaylist, StreamInf
from nightreel.checks.facts.release import ReleaseFacts
from nightreel.checks.facts.rendition import Rendition
from nightreel.checks.suites.playlist_row import PlaylistRow
from nightreel.checks.suites.rules import MISSING
from nightreel.media.plan import Plan
from nightreel.media.renditions import AAC_FRAME_SAMPLES, AudioRendition, VideoRendition
from nightreel.media.source import SourceProbe

_NONE = "none"


def hls_rows(facts: ReleaseFacts, plan: Plan, source: SourceProbe) -> Iterator[PlaylistRow]:
    yield _master_row(facts, plan)
    for video in plan.video:
        rendition = facts.rendition(video.name)
        seconds, units = source.duration, float(plan.frame_rate)
        yield _media_row(rendition.playlist, rendition, facts, plan, _sum_error(rendition, seconds, units))
        yield _i_frame_row(rendition, facts, plan)
        yield _variant_row(rendition, video, facts, plan)
        yield _i_frame_variant_row(rendition, facts)
    for audio in plan.audio:
        rendition = facts.rendition(audio.name)
        # The sound may end up to an AAC frame after the picture; that is judged with the renditions.
        seconds, units = float(rendition.duration or 0), audio.sample_rate / AAC_FRAME_SAMPLES
        yield _media_row(rendition.playlist, rendition, facts, plan, _sum_error(rendition, seconds, units))
        yield _sound_row(rendition, audio, facts)


def rate_error(measured: float | None, declared: int | None) -> float:
    """By how much a measured rate exceeds the declared one, as a share of it."""
    return (measured - declared) / declared if measured is not None and declared else MISSING


def measured_resolution(rendition: Rendition) -> str:
    picture = rendition.picture
    return f"{picture.width}x{picture.height}" if picture else "unreadable"


def measured_codec(rendition: Rendition) -> str:
    return rendition.track.codec if rendition.track else "unreadable"


def _sum_error(rendition: Rendition, seconds: float, units_per_second: float) -> float:
    return (rendition.playlist.duration - seconds) * units_per_second


def _master_row(facts: ReleaseFacts, plan: Plan) -> PlaylistRow:
    master = facts.master
    known = {release.playlist_name(item.name) for item in facts.renditions}
    known |= {release.iframe_playlist_name(item.name) for item in plan.video}
    return PlaylistRow(
        name=master.name,
        fault=master.fault or None,
        independent_segments=master.independent_segments,
        unknown_uris=", ".join(sorted(set(master.uris) - known)) or None,
        default_count=sum(item.default for item in master.audio) if plan.audio else None,
    )


def _media_row(
    playlist: MediaPlaylist, rendition: Rendition, facts: ReleaseFacts, plan: Plan, sum_error: float
) -> PlaylistRow:
    return PlaylistRow(
        name=playlist.name,
        fault=playlist.fault or None,
        version=playlist.version,
        playlist_type=playlist.playlist_type or _NONE,
        ended=playlist.ended,
        kind_tag_right=not playlist.i_frames_only,
        init=",".join(playlist.map_uris) or _NONE,
        planned_init=release.init_name(rendition.name),
        target_duration=playlist.target_duration or 0,
        common_target_duration=facts.rendition(plan.video[0].name).playlist.target_duration or 0,
        extinf_sum_error_units=sum_error,
    )


def _i_frame_row(rendition: Rendition, facts: ReleaseFacts, plan: Plan) -> PlaylistRow:
    playlist = rendition.i_frames or MediaPlaylist(release.iframe_playlist_name(rendition.name), "missing")
    sizes = {segment.name: segment.size for segment in rendition.segments}
    keyframes = [
        (segment.name, byte_range)
        for segment in rendition.segments
        if segment.timing
        for byte_range in segment.timing.byte_ranges
    ]
    named = [(entry.uri, entry.byte_range) for entry in playlist.entries]
    return PlaylistRow(
        name=playlist.name,
        fault=playlist.fault or None,
        version=playlist.version,
        playlist_type=playlist.playlist_type or _NONE,
        ended=playlist.ended,
        kind_tag_right=playlist.i_frames_only,
        init=",".join(playlist.map_uris) or _NONE,
        planned_init=release.init_name(rendition.name),
        entries=len(named),
        planned_entries=-(-plan.frames // plan.gop_frames),
        extinf_sum_error_units=(playlist.duration - plan.duration) * float(plan.frame_rate),
        ranges_outside_files=sum(
            not span or span[1] > sizes.get(uri, 0) or span[0] >= span[1] for uri, span in named
        ),
        ranges_off_keyframes=len(set(named) ^ set(keyframes)),
    )


def _variant_row(rendition: Rendition, item: VideoRendition, facts: ReleaseFacts, plan: Plan) -> PlaylistRow:
    uri = release.playlist_name(item.name)
    variants = [variant for variant in facts.master.variants if variant.uri == uri]
    variant = variants[0] if variants else _unnamed(uri)
    sounds = [facts.rendition(audio.name) for audio in plan.audio]
    peak = _with_sound(rendition.peak_bps, [sound.peak_bps for sound in sounds])
    average = _with_sound(rendition.average_bps, [sound.average_bps for sound in sounds])
    return PlaylistRow(
        name=f"{facts.master.name}: {uri}",
        times_named=len(variants),
        missing_attributes=", ".join(variant.missing) or None,
        bandwidth_error=rate_error(peak, variant.bandwidth),
        average_bandwidth_error=rate_error(average, variant.average_bandwidth),
        codecs=_codec_list(variant.codecs.split(",")),
        measured_codecs=_codec_list([measured_codec(rendition), *map(measured_codec, sounds)]),
        resolution=variant.resolution or _NONE,
        measured_resolution=measured_resolution(rendition),
        frame_rate=variant.frame_rate or 0.0,
        measured_frame_rate=_frame_rate(rendition),
        audio_group=variant.audio_group,
        known_audio_group=facts.master.audio[0].group if facts.master.audio and plan.audio else None,
    )


def _i_frame_variant_row(rendition: Rendition, facts: ReleaseFacts) -> PlaylistRow:
    uri = release.iframe_playlist_name(rendition.name)
    variants = [variant for variant in facts.master.i_frames if variant.uri == uri]
    variant = variants[0] if variants else _unnamed(uri)
    return PlaylistRow(
        name=f"{facts.master.name}: {uri}",
        times_named=len(variants),
        codecs=_codec_list(variant.codecs.split(",")),
        measured_codecs=_codec_list([measured_codec(rendition)]),
        resolution=variant.resolution or _NONE,
        measured_resolution=measured_resolution(rendition),
    )


def _sound_row(rendition: Rendition, item: AudioRendition, facts: ReleaseFacts) -> PlaylistRow:
    uri = release.playlist_name(rendition.name)
    named = [media for media in facts.master.audio if media.uri == uri]
    return PlaylistRow(
        name=f"{facts.master.name}: {uri}",
        times_named=len(named),
        language=named[0].language if named and named[0].language else _NONE,
        planned_language=item.language,
    )


def _unnamed(uri: str) -> StreamInf:
    return StreamInf(uri, None, None, "", "", None, None)


def _with_sound(picture: float | None, sounds: list[float | None]) -> float | None:
    """A variant's rate: the picture's, and that of the most demanding sound (RFC 8216, 4.3.4.2)."""
    if picture is None or None in sounds:
        return None
    return picture + max((sound for sound in sounds if sound is not None), default=0.0)


def _codec_list(codecs: list[str]) -> str:
    return ",".join(sorted({codec.strip().lower() for codec in codecs}))


def _frame_rate(rendition: Rendition) -> float:
    """Frames per second to three decimals, as FRAME-RATE is written (RFC 8216, 4.3.4.2)."""
    duration = rendition.duration
    return round(float(rendition.samples / duration), 3) if duration else MISSING
