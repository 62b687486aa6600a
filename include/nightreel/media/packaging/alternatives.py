"""The sounds and subtitles that a viewer chooses among, as EXT-X-MEDIA (RFC 8216, 4.3.4.1)."""

from collections.abc import Iterator, Sequence

from m3u8.model import Media

from nightreel.media.renditions import AudioRendition, TextRendition
from nightreel.vocabulary import release

SUBTITLE_GROUP = "subs"
_STEREO_GROUP, _SURROUND_GROUP = "audio", "surround"


def audio_group(audio: AudioRendition) -> str:
    """The GROUP-ID of a sound, by which each variant is offered with stereo and with 5.1."""
    return _STEREO_GROUP if audio.channels == 2 else _SURROUND_GROUP


def audio_media(audio: Sequence[AudioRendition]) -> Iterator[Media]:
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


def subtitle_media(text: Sequence[TextRendition]) -> Iterator[Media]:
    """The EXT-X-MEDIA of each track of subtitles (RFC 8216, 4.3.4.1)."""
    chosen = next((item for item in text if item.default), None)
    kinds = {(chosen.language, chosen.forced): chosen} if chosen else {}
    for item in text:
        kinds.setdefault((item.language, item.forced), item)
        yield Media(
            uri=release.playlist_name(item.name),
            type="SUBTITLES",
            group_id=SUBTITLE_GROUP,
            language=item.language,
            name=item.label,
            default=_yes(item is chosen),
            autoselect=_yes(kinds[item.language, item.forced] is item),
            forced=_yes(item.forced),
        )


def _yes(so: bool) -> str:
    return "YES" if so else "NO"
