"""HLS playlists as the m3u8 library reads them (RFC 8216)."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import m3u8


@dataclass(frozen=True, slots=True)
class Entry:
    """One segment of a media playlist. `seconds` as EXTINF says; byte ranges as start and end.

    `key_method` is that of the EXT-X-KEY before it; empty without one.
    """

    uri: str
    seconds: float
    byte_range: tuple[int, int] | None = None
    key_method: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """One EXT-X-KEY, or EXT-X-SESSION-KEY."""

    method: str
    uri: str


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    """A media or an I-frame playlist. `fault` is a sentence, empty when it could be read.

    `map_uris` are the init segments that its EXT-X-MAP tags name.
    """

    name: str
    fault: str = ""
    version: int = 1
    playlist_type: str = ""
    ended: bool = False
    i_frames_only: bool = False
    target_duration: int | None = None
    map_uris: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def needed_version(self) -> int:
        """The least EXT-X-VERSION for what it holds (RFC 8216, section 7)."""
        if self.i_frames_only:
            return 5 if self.map_uris else 4
        # 3 for durations that are no whole seconds.
        return 6 if self.map_uris else 3

    @property
    def duration(self) -> float:
        """Seconds that the EXTINFs add up to."""
        return sum(entry.seconds for entry in self.entries)


@dataclass(frozen=True, slots=True)
class StreamInf:
    """One variant, or one I-frame playlist, of the multivariant playlist. Bits per second."""

    uri: str
    bandwidth: int | None
    average_bandwidth: int | None
    codecs: str
    resolution: str
    frame_rate: float | None
    video_range: str
    audio_group: str | None
    subtitle_group: str | None
    closed_captions: str

    @property
    def missing(self) -> tuple[str, ...]:
        """The attributes that every variant must have and this one has not."""
        given = {
            "BANDWIDTH": self.bandwidth,
            "AVERAGE-BANDWIDTH": self.average_bandwidth,
            "CODECS": self.codecs,
            "RESOLUTION": self.resolution,
            "FRAME-RATE": self.frame_rate,
        }
        return tuple(name for name, value in given.items() if not value)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One EXT-X-MEDIA, of any type but CLOSED-CAPTIONS. `channels` is None where it says nothing."""

    uri: str
    type: str
    group: str
    language: str
    name: str
    default: bool
    autoselect: bool
    forced: bool
    channels: int | None


@dataclass(frozen=True, slots=True)
class MasterPlaylist:
    """The multivariant playlist."""

    name: str
    fault: str = ""
    version: int = 1
    independent_segments: bool = False
    variants: tuple[StreamInf, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    i_frames: tuple[StreamInf, ...] = ()
    session_keys: tuple[Key, ...] = ()

    @property
    def needed_version(self) -> int:
        """The least EXT-X-VERSION for what it holds (RFC 8216, section 7)."""
        if self.session_keys:
            return 5
        return 4 if self.alternatives or self.i_frames else 1

    @property
    def audio(self) -> tuple[Alternative, ...]:
        """The sounds, in the order of the playlist."""
        return tuple(item for item in self.alternatives if item.type == "AUDIO")

    @property
    def subtitles(self) -> tuple[Alternative, ...]:
        """The subtitles, in the order of the playlist."""
        return tuple(item for item in self.alternatives if item.type == "SUBTITLES")

    @property
    def uris(self) -> Iterator[str]:
        """The playlists that it names; a sound within the variants has none of its own."""
        for entries in (self.variants, self.alternatives, self.i_frames):
            yield from (entry.uri for entry in entries if entry.uri)


def read_media_playlist(path: Path) -> MediaPlaylist:
    """Read a media or an I-frame playlist. Damage is reported in `fault`, never raised."""
    parsed = _parsed(path)
    if isinstance(parsed, str):
        return MediaPlaylist(path.name, fault=parsed)
    if parsed.is_variant:
        return MediaPlaylist(path.name, fault="it is a multivariant playlist")
    entries = tuple(_entries(parsed.segments))
    if not all(isfinite(entry.seconds) for entry in entries):
        return MediaPlaylist(path.name, fault="it has an EXTINF that is no number of seconds")
    return MediaPlaylist(
        name=path.name,
        version=int(parsed.version or 1),
        playlist_type=(parsed.playlist_type or "").upper(),
        ended=bool(parsed.is_endlist),
        i_frames_only=bool(parsed.is_i_frames_only),
        target_duration=None if parsed.target_duration is None else int(parsed.target_duration),
        map_uris=tuple(dict.fromkeys(item.uri for item in parsed.segment_map if item.uri)),
        keys=_keys(parsed.keys),
        entries=entries,
    )


def read_master(path: Path) -> MasterPlaylist:
    """Read the multivariant playlist. Damage is reported in `fault`, never raised."""
    parsed = _parsed(path)
    if isinstance(parsed, str):
        return MasterPlaylist(path.name, fault=parsed)
    return MasterPlaylist(
        name=path.name,
        version=int(parsed.version or 1),
        independent_segments=bool(parsed.is_independent_segments),
        variants=tuple(_stream_inf(item.uri, item.stream_info) for item in parsed.playlists),
        alternatives=tuple(_alternative(item) for item in parsed.media if item.type != "CLOSED-CAPTIONS"),
        i_frames=tuple(_stream_inf(item.uri, item.iframe_stream_info) for item in parsed.iframe_playlists),
        session_keys=_keys(parsed.session_keys),
    )


def _parsed(path: Path) -> Any:
    """The library's model, or a sentence on why there is none."""
    if not path.is_file():
        return "the file is missing"
    try:
        text = path.read_text("utf-8")
        if not text.startswith("#EXTM3U"):
            return "it does not begin with #EXTM3U"
        return m3u8.loads(text)
    # The library raises whatever its own code happens to run into.
    except Exception as error:
        return f"it cannot be parsed: {error}"


def _entries(segments: Any) -> Iterator[Entry]:
    end_of: dict[str, int] = {}
    for segment in segments:
        byte_range = _byte_range(segment.byterange, end_of.get(segment.uri, 0)) if segment.byterange else None
        if byte_range:
            end_of[segment.uri] = byte_range[1]
        yield Entry(
            uri=segment.uri or "",
            seconds=float(segment.duration or 0),
            byte_range=byte_range,
            key_method=(segment.key.method or "") if segment.key else "",
        )


def _byte_range(text: str, following: int) -> tuple[int, int]:
    # Without an offset, the range begins where the one before it ended (RFC 8216, 4.3.2.2).
    length, _, offset = text.partition("@")
    start = int(offset) if offset else following
    return start, start + int(length)


def _stream_inf(uri: str | None, info: Any) -> StreamInf:
    return StreamInf(
        uri=uri or "",
        bandwidth=info.bandwidth,
        average_bandwidth=info.average_bandwidth,
        codecs=info.codecs or "",
        resolution="{}x{}".format(*info.resolution) if info.resolution else "",
        frame_rate=info.frame_rate,
        video_range=info.video_range or "",
        audio_group=info.audio,
        subtitle_group=info.subtitles,
        closed_captions=info.closed_captions or "",
    )


def _alternative(item: Any) -> Alternative:
    return Alternative(
        uri=item.uri or "",
        type=item.type or "",
        group=item.group_id or "",
        language=item.language or "",
        name=item.name or "",
        default=item.default == "YES",
        autoselect=item.autoselect == "YES",
        forced=item.forced == "YES",
        channels=_channels(item.channels or ""),
    )


def _channels(text: str) -> int | None:
    # Further parameters, after slashes, are for coded audio objects (RFC 8216, 4.3.4.1).
    count = text.partition("/")[0]
    return int(count) if count.isdecimal() else None


def _keys(found: Any) -> tuple[Key, ...]:
    return tuple(Key(item.method or "", item.uri or "") for item in found if item is not None)
