"""The multivariant playlist: what the packager measured of each variant, with all that the plan knows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import m3u8
from m3u8.model import Media, MediaList

from nightreel import release
from nightreel.media.plan import Plan
from nightreel.media.renditions import AudioRendition, TextRendition
from nightreel.media.source import DynamicRange

VERSION = 6
"""That of the media playlists, which need EXT-X-MAP (RFC 8216, section 7)."""

_STEREO_GROUP, _SURROUND_GROUP = "audio", "surround"
_SUBTITLE_GROUP = "subs"
_VIDEO_RANGES: dict[DynamicRange, str] = {"sdr": "SDR", "pq": "PQ", "hlg": "HLG"}
_KEY, _SESSION_KEY = "#EXT-X-KEY:", "#EXT-X-SESSION-KEY:"
_FIRST_TAGS = "#EXT-X-INDEPENDENT-SEGMENTS\n"


def audio_group(audio: AudioRendition) -> str:
    """The GROUP-ID of a sound, by which each variant is offered with stereo and with 5.1."""
    return _STEREO_GROUP if audio.channels == 2 else _SURROUND_GROUP


def refine_multivariant(directory: Path, plan: Plan) -> None:
    """Put right what the packager leaves out of the multivariant playlist, or guesses.

    It has every EXT-X-MEDIA from the plan, with LANGUAGE (Apple HLS authoring 8.10) and one DEFAULT
    per group; SUBTITLES, VIDEO-RANGE and CLOSED-CAPTIONS on every variant (4.10 and 4.11 of RFC
    8216bis, 4.4.6.2); and, of an encrypted release, the keys of the media playlists as
    EXT-X-SESSION-KEY, so that a player may fetch them early.
    """
    path = directory / release.MASTER
    playlist = m3u8.loads(path.read_text())
    playlist.version = VERSION
    playlist.media = MediaList([*_audio_media(plan.audio), *_subtitle_media(plan.text)])
    ranges = {release.playlist_name(item.name): _VIDEO_RANGES[item.dynamic_range] for item in plan.video}
    for variant in playlist.playlists:
        said = variant.stream_info
        said.video_range = ranges[variant.uri]
        said.closed_captions = "NONE"
        # Of a title shorter than a segment the packager's peak leaves out what its average has.
        said.bandwidth = max(said.bandwidth, said.average_bandwidth)
        groups = (said.audio, _SUBTITLE_GROUP)
        variant.media = [media for media in playlist.media if media.group_id in groups]
    ranges = {
        release.iframe_playlist_name(item.name): _VIDEO_RANGES[item.dynamic_range] for item in plan.video
    }
    for variant in playlist.iframe_playlists:
        variant.iframe_stream_info.video_range = ranges[variant.uri]
    keys = _session_keys(directory / release.playlist_name(plan.video[0].name))
    path.write_text(playlist.dumps().rstrip("\n").replace(_FIRST_TAGS, _FIRST_TAGS + keys, 1) + "\n")


def _audio_media(audio: Sequence[AudioRendition]) -> Iterator[Media]:
    """Both groups have the same members, alike but for URI and CHANNELS (RFC 8216, 4.3.4.2.1).

    So a sound that there is in stereo alone is a member of the group with 5.1 as well.
    """
    stereo = [item for item in audio if audio_group(item) == _STEREO_GROUP]
    surround = {(item.stream, item.joined): item for item in audio if item not in stereo}
    chosen = next((item for item in stereo if item.default), stereo[0] if stereo else None)
    # A player that goes by the viewer's language must find one of each (RFC 8216, 4.3.4.1.1).
    languages = {chosen.language: chosen} if chosen else {}
    for item in stereo:
        languages.setdefault(item.language, item)
    for group in (_STEREO_GROUP, _SURROUND_GROUP) if surround else (_STEREO_GROUP,):
        for item in stereo:
            twin = surround.get((item.stream, item.joined), item) if group == _SURROUND_GROUP else item
            yield Media(
                uri=release.playlist_name(twin.name),
                type="AUDIO",
                group_id=group,
                language=item.language,
                name=item.label,
                default=_yes(item is chosen),
                autoselect=_yes(languages[item.language] is item),
                channels=str(twin.channels),
            )


def _subtitle_media(text: Sequence[TextRendition]) -> Iterator[Media]:
    chosen = next((item for item in text if item.default), None)
    kinds = {(chosen.language, chosen.forced): chosen} if chosen else {}
    for item in text:
        kinds.setdefault((item.language, item.forced), item)
        yield Media(
            uri=release.playlist_name(item.name),
            type="SUBTITLES",
            group_id=_SUBTITLE_GROUP,
            language=item.language,
            name=item.label,
            default=_yes(item is chosen),
            autoselect=_yes(kinds[item.language, item.forced] is item),
            forced=_yes(item.forced),
        )


def _session_keys(media_playlist: Path) -> str:
    """The keys of a media playlist, for the multivariant one; all renditions have the same."""
    lines = media_playlist.read_text().splitlines()
    return "".join(f"{_SESSION_KEY}{line.removeprefix(_KEY)}\n" for line in lines if line.startswith(_KEY))


def _yes(so: bool) -> str:
    return "YES" if so else "NO"
