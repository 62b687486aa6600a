"""A release: the names of its files, its keys in the bucket, and its manifest.

Everything that must agree on a name (packager, gate, upload, publish, players) takes it
from here. See RFC 8216 for the playlists and ISO/IEC 23000-19 (CMAF) for the segments.
"""

import re
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title

MASTER = "master.m3u8"
MPD = "manifest.mpd"
MANIFEST = "release.json"
POSTER = "poster.jpg"
SPRITES = "thumbnails.vtt"
"""Which part of which sprite sheet shows which seconds, for seek previews."""

RELEASES = "hls/"
"""Below it, by content type and title: the stable manifests and the releases."""

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
_FILE_NAME = re.compile(r"[a-z0-9][A-Za-z0-9_-]*\.[a-z0-9]+")
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


def title_of_prefix(prefix: str) -> Title | None:
    """The title whose `title_prefix` this is; None for any other prefix."""
    parts = prefix.removeprefix(RELEASES).split("/")
    try:
        title = Title(parts[0].removesuffix("s"), parts[1])
    except (ConfigurationError, IndexError):
        return None
    return title if title_prefix(title) == prefix else None


def title_prefix(title: Title) -> str:
    """`hls/movies/123/`: where a title's stable manifests and all its releases live."""
    return f"{RELEASES}{title.folder}"


def release_prefix(title: Title, release: str) -> str:
    """`hls/movies/123/<release>/`. Raises ValueError for a malformed release id."""
    if not valid_release_id(release):
        raise ValueError(f"malformed release id {release!r}")
    return f"{title_prefix(title)}{release}/"


def longest_urls(public_url: str, title: Title) -> dict[str, str]:
    """URLs as long as those that a published title gets, by the role of their column."""
    base, release = f"{public_url}/", "20260101T000000-00000000"
    return {
        "hls_url": base + title_prefix(title) + MASTER,
        "dash_url": base + title_prefix(title) + MPD,
        "thumbnail_url": base + release_prefix(title, release) + POSTER,
    }


class ReleaseFile(BaseModel):
    """One file of a release. `size` in bytes; digests in lower-case hex."""

    model_config = ConfigDict(frozen=True)

    name: str
    size: int
    sha256: str
    md5: str

    @field_validator("name")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if not _FILE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a plain file name")
        return name


class ReleaseManifest(BaseModel):
    """`release.json`: every file of a release but itself, and how the release was made."""

    model_config = ConfigDict(frozen=True)

    release: str
    content_type: str
    content_id: str
    files: tuple[ReleaseFile, ...]
    plan: dict[str, Any]
    tools: dict[str, str]
    checks: dict[str, Any]
    quality: dict[str, dict[str, float]] = {}
    """VMAF by rendition, as `media.encoding.quality` gives it; empty where it was not measured."""

    @property
    def has_mpd(self) -> bool:
        """Whether the release is for DASH as well as for HLS."""
        return any(file.name == MPD for file in self.files)

    @property
    def total_bytes(self) -> int:
        """Of all files."""
        return sum(file.size for file in self.files)
