"""A release: its id, and the names of its files.

Everything that must agree on a name (packager, gate, upload, publish, players) takes it
from here. See RFC 8216 for the playlists and ISO/IEC 23000-19 (CMAF) for the segments.
"""

import re
from datetime import UTC, datetime
from pathlib import PurePath

MASTER = "master.m3u8"
MPD = "manifest.mpd"
MANIFEST = "release.json"
TRACK = "track.json"
POSTER = "poster.jpg"
SPRITES = "thumbnails.vtt"
"""Which part of which sprite sheet shows which seconds, for seek previews."""

MEDIA_CACHE = "public, max-age=31536000, immutable"
STABLE_CACHE = "public, max-age=60"

_CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".m4s": "video/iso.segment",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt",
    ".jpg": "image/jpeg",
    ".json": "application/json",
}
_SEGMENT_SUFFIXES = {"cmaf": "m4s", "ts": "ts"}
_RELEASE_ID = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}")


def stream_name(rendition: str) -> str:
    """The stem of a rendition's files: `stream_360p` for the picture, `audio_en`, `subs_en`."""
    return rendition if rendition.startswith(("audio_", "subs_")) else f"stream_{rendition}"


def playlist_name(rendition: str) -> str:
    """The media playlist of a rendition."""
    return f"{stream_name(rendition)}.m3u8"


def subtitles_name(rendition: str) -> str:
    """`subs_en.vtt`: a whole track of subtitles in one file, as DASH players load it."""
    return f"{stream_name(rendition)}.vtt"


def iframe_playlist_name(rendition: str) -> str:
    """The playlist of a rendition's keyframes."""
    return f"iframe_{rendition}.m3u8"


def init_name(rendition: str) -> str:
    """The initialisation segment of a rendition."""
    return f"{stream_name(rendition)}_init.mp4"


def segment_name(rendition: str, number: int, container: str = "cmaf") -> str:
    """`stream_360p_000.m4s`: at least three digits, counted from 0.

    `.ts` where the container is `ts`, and `.vtt` for subtitles in either.
    """
    suffix = "vtt" if rendition.startswith("subs_") else _SEGMENT_SUFFIXES[container]
    return f"{stream_name(rendition)}_{number:03d}.{suffix}"


def sprite_name(number: int) -> str:
    """A sheet of small pictures, counted from 0."""
    return f"sprite_{number:03d}.jpg"


def thumbnail_name(number: int) -> str:
    """A thumbnail, counted from 0."""
    return f"thumb_{number:03d}.jpg"


def content_type_of(name: str) -> str:
    """The MIME type that players expect for a file of a release.

    Raises KeyError for a file that no release contains.
    """
    if name.endswith("_init.mp4"):
        return "audio/mp4" if name.startswith("audio_") else "video/mp4"
    return _CONTENT_TYPES[PurePath(name).suffix]


def valid_release_id(release: str) -> bool:
    """Whether it has the form of a release's id."""
    return _RELEASE_ID.fullmatch(release) is not None


def released_at(release: str) -> datetime | None:
    """When the run that makes this release claimed its title, as the id says; None for no id."""
    try:
        return datetime.strptime(release.partition("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
