"""A release measured on its own files: the bit rate of every rendition over time."""

import posixpath
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import m3u8

from nightreel.media.encoding.quality import Quality
from nightreel.releases.inventory import prefix_of
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.release import MANIFEST, MASTER, MPD, SPRITES
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title

_READERS = 8
_REMEMBERED = 64

Kind = Literal["picture", "sound", "subtitles"]


@dataclass(frozen=True)
class Piece:
    """One segment: when it starts and how long it is (seconds), and its bits per second."""

    start: float
    seconds: float
    rate: float


@dataclass(frozen=True)
class MeasuredRendition:
    """One rendition. `bytes` of all its segments; rates in bits per second.

    `announced` is what the multivariant playlist says of the picture at its peak, with the
    sound; None for what has no entry of its own there. `quality` is None where it was not
    measured.
    """

    name: str
    kind: Kind
    label: str
    width: int | None
    height: int | None
    codecs: str
    announced: int | None
    pieces: tuple[Piece, ...]
    bytes: int
    quality: Quality | None

    @property
    def seconds(self) -> float:
        """Of all its pieces."""
        return sum(piece.seconds for piece in self.pieces)

    @property
    def average(self) -> float | None:
        """Bits per second; None without pieces."""
        return self.bytes * 8 / self.seconds if self.seconds else None

    @property
    def peak(self) -> float | None:
        """Bits per second of its busiest piece; None without pieces."""
        return max((piece.rate for piece in self.pieces), default=None)

    @property
    def codec(self) -> str:
        """The family of its codec, as people name it."""
        families = {"avc1": "H.264", "hvc1": "HEVC", "hev1": "HEVC", "av01": "AV1", "mp4a": "AAC"}
        first = self.codecs.partition(",")[0].partition(".")[0]
        return families.get(first, first)


@dataclass(frozen=True)
class MeasuredRelease:
    """A release in the bucket: its renditions, pictures first, the best of them first."""

    renditions: tuple[MeasuredRendition, ...]
    encrypted: bool
    master_key: str
    mpd_key: str | None
    """None for HLS alone."""
    sprites_key: str | None
    tools: Mapping[str, str]
    checks: Mapping[str, Any]

    @property
    def pictures(self) -> tuple[MeasuredRendition, ...]:
        """The renditions of the picture."""
        return tuple(each for each in self.renditions if each.kind == "picture")

    @property
    def seconds(self) -> float:
        """Of the longest rendition."""
        return max((each.seconds for each in self.renditions), default=0.0)

    @property
    def measured_quality(self) -> bool:
        """Whether the quality of any picture was measured."""
        return any(each.quality for each in self.pictures)


def measured_release(bucket: Bucket, title: Title, release: str) -> MeasuredRelease | None:
    """The release as the bucket has it; None where it has none. Raises StorageUnavailable.

    Remembered once it is there: a release never changes.
    """
    try:
        return _measured_release(bucket, title, release)
    except _Absent:
        return None


class _Absent(Exception):
    """Of this release, the bucket holds nothing, or not everything."""


@lru_cache(maxsize=_REMEMBERED)
def _measured_release(bucket: Bucket, title: Title, release: str) -> MeasuredRelease:
    prefix = prefix_of(bucket, title, release)
    manifest, master = bucket.get_bytes(prefix + MANIFEST), bucket.get_bytes(prefix + MASTER)
    if manifest is None or master is None:
        raise _Absent
    entries = tuple(_entries(m3u8.loads(master.decode())))
    keys = [posixpath.normpath(prefix + entry.playlist) for entry in entries]
    with ThreadPoolExecutor(_READERS) as readers:
        contents = tuple(readers.map(bucket.get_bytes, keys))
    if None in contents:
        raise _Absent
    playlists = [m3u8.loads((content or b"").decode()) for content in contents]
    files = ReleaseManifest.model_validate_json(manifest)
    sizes = {file.name: file.size for file in files.files}
    quality = {name: Quality.model_validate(values) for name, values in files.quality.items()}
    return MeasuredRelease(
        renditions=tuple(
            _measured(entry, playlist, sizes, quality)
            for entry, playlist in zip(entries, playlists, strict=True)
        ),
        encrypted=any(key is not None for playlist in playlists for key in playlist.keys),
        master_key=prefix + MASTER,
        mpd_key=prefix + MPD if MPD in sizes else None,
        sprites_key=files.key_of(SPRITES) if SPRITES in sizes else None,
        tools=files.tools,
        checks=files.checks,
    )


@dataclass(frozen=True)
class _Entry:
    playlist: str
    kind: Kind
    label: str
    size: tuple[int, int] | tuple[None, None]
    codecs: str
    announced: int | None

    @property
    def rendition(self) -> str:
        return posixpath.basename(self.playlist).removesuffix(".m3u8").removeprefix("stream_")


def _entries(master: Any) -> Iterator[_Entry]:
    """Each playlist once: a picture is listed with every group of sounds."""
    seen: set[str] = set()
    variants = [(entry.uri, entry.stream_info) for entry in master.playlists]
    variants.sort(
        key=lambda entry: (entry[1].resolution or (0, 0))[1] * 1e12 + entry[1].bandwidth, reverse=True
    )
    for uri, info in variants:
        if uri not in seen:
            seen.add(uri)
            size = info.resolution or (None, None)
            label = f"{min(info.resolution)}p" if info.resolution else uri
            yield _Entry(uri, "picture", label, size, info.codecs or "", info.bandwidth)
    kinds: dict[str, Kind] = {"AUDIO": "sound", "SUBTITLES": "subtitles"}
    for media in master.media:
        if media.uri and media.uri not in seen and media.type in kinds:
            seen.add(media.uri)
            label = media.name + (f", {media.channels} channels" if media.channels not in (None, "2") else "")
            codecs = "mp4a" if media.type == "AUDIO" else "WebVTT"
            yield _Entry(media.uri, kinds[media.type], label, (None, None), codecs, None)


def _measured(
    entry: _Entry, playlist: Any, sizes: Mapping[str, int], quality: Mapping[str, Quality]
) -> MeasuredRendition:
    pieces: list[Piece] = []
    start, total = 0.0, 0
    for segment in playlist.segments:
        size = sizes.get(segment.uri, 0)
        if segment.duration:
            pieces.append(Piece(start, segment.duration, size * 8 / segment.duration))
        start, total = start + segment.duration, total + size
    width, height = entry.size
    return MeasuredRendition(
        name=entry.rendition,
        kind=entry.kind,
        label=entry.label,
        width=width,
        height=height,
        codecs=entry.codecs,
        announced=entry.announced,
        pieces=tuple(pieces),
        bytes=total,
        quality=quality.get(entry.rendition),
    )
