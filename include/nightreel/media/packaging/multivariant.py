"""The multivariant playlist of a transport stream (RFC 8216, 4.3.4), with rates as measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import m3u8
from m3u8.model import IFramePlaylist, Media, Playlist

from nightreel.media.packaging.alternatives import audio_media, subtitle_media
from nightreel.media.planning.plan import Plan
from nightreel.media.renditions import VideoRendition
from nightreel.vocabulary import release

_VERSION = 4
"""EXT-X-MEDIA and I-frame playlists (RFC 8216, section 7)."""
_AAC_LC = "mp4a.40.2"


@dataclass(frozen=True)
class Rate:
    """Bits per second: of the busiest segment, and over the whole title."""

    peak: int = 0
    average: int = 0


def write_multivariant(directory: Path, plan: Plan, encoded: Mapping[str, Path]) -> None:
    """Write `master.m3u8` over the media playlists, which are in the directory already."""
    playlist = m3u8.M3U8()
    playlist.version = _VERSION
    playlist.is_independent_segments = True
    codecs = {item.name: _avc_codec(encoded[item.name]) for item in plan.video}
    media = [*_sounds(plan), *subtitle_media(plan.text)]
    for item in media:
        playlist.add_media(item)
    for item in plan.video_in_playlist_order:
        playlist.add_playlist(_variant(item, plan, _variant_rate(directory, item, plan), codecs, media))
    for item in plan.video_in_playlist_order:
        if (directory / release.iframe_playlist_name(item.name)).is_file():
            playlist.add_iframe_playlist(_iframe_variant(item, directory, codecs))
    (directory / release.MASTER).write_text(playlist.dumps().rstrip("\n") + "\n")


def _sounds(plan: Plan) -> Iterator[Media]:
    """All of them; the one within the variants has no URI (RFC 8216, 4.3.4.1)."""
    muxed = release.playlist_name(plan.muxed_sound.name) if plan.muxed_sound else ""
    for media in audio_media(plan.audio):
        if media.uri == muxed:
            media.uri = None
        yield media


def _variant(
    item: VideoRendition, plan: Plan, rate: Rate, codecs: Mapping[str, str], media: list[Media]
) -> Playlist:
    groups = {entry.type.lower(): entry.group_id for entry in media}
    stream_info = _described(item, rate) | {
        "codecs": f"{codecs[item.name]},{_AAC_LC}" if plan.audio else codecs[item.name],
        "frame_rate": float(plan.frame_rate),
        "closed_captions": "NONE",
    }
    return Playlist(release.playlist_name(item.name), stream_info | groups, media, None)


def _iframe_variant(item: VideoRendition, directory: Path, codecs: Mapping[str, str]) -> IFramePlaylist:
    name = release.iframe_playlist_name(item.name)
    stream_info = _described(item, _iframe_rate(directory / name)) | {"codecs": codecs[item.name]}
    return IFramePlaylist(None, name, stream_info)


def _described(item: VideoRendition, rate: Rate) -> dict[str, object]:
    return {
        "bandwidth": rate.peak,
        "average_bandwidth": rate.average,
        "resolution": f"{item.width}x{item.height}",
        "video_range": "SDR",
    }


def _variant_rate(directory: Path, item: VideoRendition, plan: Plan) -> Rate:
    """With the most that the choice of an alternate sound adds (RFC 8216, 4.3.4.2)."""
    own = _segment_rate(directory, item.name)
    others = [_segment_rate(directory, sound.name) for sound in plan.alternate_sounds]
    return Rate(
        own.peak + max((other.peak for other in others), default=0),
        own.average + max((other.average for other in others), default=0),
    )


def _segment_rate(directory: Path, name: str) -> Rate:
    segments = m3u8.loads((directory / release.playlist_name(name)).read_text()).segments
    return _rate([((directory / each.uri).stat().st_size, float(each.duration)) for each in segments])


def _iframe_rate(playlist: Path) -> Rate:
    frames = m3u8.loads(playlist.read_text()).segments
    return _rate([(int(each.byterange.partition("@")[0]), float(each.duration)) for each in frames])


def _rate(parts: list[tuple[int, float]]) -> Rate:
    """From bytes and seconds. A part shorter than half the others says nothing of the peak (4.1)."""
    longest = max((seconds for _, seconds in parts), default=0.0)
    if not longest:
        return Rate()
    peak = max(size * 8 / seconds for size, seconds in parts if seconds >= longest / 2)
    average = sum(size * 8 for size, _ in parts) / sum(seconds for _, seconds in parts)
    return Rate(round(max(peak, average)), round(average))


def _avc_codec(encoded: Path) -> str:
    """`avc1.` with profile, constraints and level of the decoder configuration (RFC 6381, 3.3)."""
    with av.open(str(encoded)) as container:
        configuration = container.streams.video[0].codec_context.extradata or b""
    return f"avc1.{configuration[1:4].hex()}"
