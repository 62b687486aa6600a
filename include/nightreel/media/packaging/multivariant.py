"""The multivariant playlist (RFC 8216, 4.3.4), composed from what was measured of each track."""

from collections.abc import Iterable, Iterator, Sequence

import m3u8
from m3u8.model import IFramePlaylist, Media, Playlist

from nightreel.media.packaging.alternatives import SUBTITLE_GROUP, audio_media, subtitle_media
from nightreel.media.packaging.track import PictureTrack, Rate, SoundTrack, Tracks
from nightreel.media.source import DynamicRange
from nightreel.vocabulary import release

_VIDEO_RANGES: dict[DynamicRange, str] = {"sdr": "SDR", "pq": "PQ", "hlg": "HLG"}
_FIRST_TAGS = "#EXT-X-INDEPENDENT-SEGMENTS\n"


def multivariant_playlist(tracks: Tracks, version: int) -> str:
    """The text of the playlist; `version` is that of the media playlists (RFC 8216, section 7).

    Every variant is offered with each group of sounds, has VIDEO-RANGE (Apple HLS authoring rule
    9.16), and says that there are no closed captions within the picture. The keys of an encrypted
    release are named here as well, so that a player may fetch them early (RFC 8216, 4.3.4.5).
    """
    playlist = m3u8.M3U8()
    playlist.version = version
    playlist.is_independent_segments = True
    media = [*_sounds(tracks.sounds), *subtitle_media([text.rendition for text in tracks.texts])]
    for item in media:
        playlist.add_media(item)
    for group in _groups(media):
        for picture in tracks.pictures:
            playlist.add_playlist(_variant(picture, group, tracks, media))
    for picture in tracks.pictures:
        if picture.keyframes is not None:
            playlist.add_iframe_playlist(_iframe_variant(picture, picture.keyframes))
    text: str = playlist.dumps().rstrip("\n") + "\n"
    return text.replace(_FIRST_TAGS, _FIRST_TAGS + _session_keys(tracks.pictures), 1)


def _sounds(sounds: Sequence[SoundTrack]) -> Iterator[Media]:
    """All of them; the one within the variants has no URI (RFC 8216, 4.3.4.1)."""
    within = {release.playlist_name(sound.rendition.name) for sound in sounds if sound.within_variants}
    for media in audio_media([sound.rendition for sound in sounds]):
        if media.uri in within:
            media.uri = None
        yield media


def _groups(media: Iterable[Media]) -> tuple[str | None, ...]:
    """The groups of sounds, in their order; one without a name where there is no sound."""
    return tuple(dict.fromkeys(item.group_id for item in media if item.type == "AUDIO")) or (None,)


def _variant(picture: PictureTrack, group: str | None, tracks: Tracks, media: Sequence[Media]) -> Playlist:
    heard = _heard(group, tracks.sounds, media)
    rate = picture.rate + _most(sound.rate for sound in heard)
    stream_info = _described(picture, rate) | {
        "codecs": ",".join(dict.fromkeys((picture.codec, *(sound.codec for sound in heard)))),
        "frame_rate": float(picture.frame_rate),
        "closed_captions": "NONE",
        "audio": group,
        "subtitles": SUBTITLE_GROUP if tracks.texts else None,
    }
    return Playlist(release.playlist_name(picture.rendition.name), stream_info, media, None)


def _heard(group: str | None, sounds: Sequence[SoundTrack], media: Sequence[Media]) -> tuple[SoundTrack, ...]:
    """The sounds of a group. One without a URI is within the picture's own segments."""
    uris = {item.uri for item in media if item.group_id == group}
    return tuple(
        sound
        for sound in sounds
        if sound.within_variants or release.playlist_name(sound.rendition.name) in uris
    )


def _most(rates: Iterable[Rate]) -> Rate:
    """What the choice of a sound adds at most (RFC 8216, 4.3.4.2)."""
    known = list(rates)
    return Rate(
        peak=max((rate.peak for rate in known), default=0),
        average=max((rate.average for rate in known), default=0),
    )


def _iframe_variant(picture: PictureTrack, rate: Rate) -> IFramePlaylist:
    name = release.iframe_playlist_name(picture.rendition.name)
    return IFramePlaylist(None, name, _described(picture, rate) | {"codecs": picture.codec})


def _described(picture: PictureTrack, rate: Rate) -> dict[str, object]:
    return {
        "bandwidth": rate.peak,
        "average_bandwidth": rate.average,
        "resolution": f"{picture.rendition.width}x{picture.rendition.height}",
        "video_range": _VIDEO_RANGES[picture.rendition.dynamic_range],
    }


def _session_keys(pictures: Sequence[PictureTrack]) -> str:
    """The keys of all tracks, each once."""
    keys = dict.fromkeys(key for picture in pictures for key in picture.signalling.hls)
    return "".join(f"#EXT-X-SESSION-KEY:{key}\n" for key in keys)
