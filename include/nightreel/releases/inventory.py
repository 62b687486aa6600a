"""What the bucket holds of a title: its releases, their tracks, and which of them viewers are sent to."""

import re
from collections.abc import Iterator

from nightreel.releases.manifests import release_of_master
from nightreel.storage.bucket import Bucket
from nightreel.storage.objects import ObjectInfo
from nightreel.vocabulary.layout import (
    RELEASES_FOLDER,
    TRACKS_FOLDER,
    flat_prefix,
    release_prefix,
    releases_prefix,
    title_prefix,
    track_prefix,
    tracks_prefix,
)
from nightreel.vocabulary.release import MASTER, valid_release_id
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import maker_of, valid_track_id

_TRACK = re.compile(rf"{TRACKS_FOLDER}/([^/\"<]+)/")


def list_releases(bucket: Bucket, title: Title) -> list[str]:
    """The ids of a title's releases in the bucket, oldest first, unfinished uploads included."""
    # Some S3 servers go on listing a folder for a while after its last object is gone.
    return [each for each in release_ids(bucket, title) if next(objects_of(bucket, title, each), None)]


def release_ids(bucket: Bucket, title: Title) -> list[str]:
    """As `list_releases`, by listing folders alone; some may be empty.

    A release of which the bucket has nothing but tracks is among them.
    """
    folders = _folders(bucket, title_prefix(title))
    found = {each for each in folders if valid_release_id(each)}
    if RELEASES_FOLDER in folders:
        found.update(filter(valid_release_id, _folders(bucket, releases_prefix(title))))
    if TRACKS_FOLDER in folders:
        found.update(maker for track in track_ids(bucket, title) if (maker := maker_of(track)))
    return sorted(found)


def track_ids(bucket: Bucket, title: Title) -> list[str]:
    """The ids of a title's tracks in the bucket, unfinished uploads included."""
    return sorted(filter(valid_track_id, _folders(bucket, tracks_prefix(title))))


def objects_of(bucket: Bucket, title: Title, release: str) -> Iterator[ObjectInfo]:
    """The manifests of a release, and the tracks that its run made, whoever uses them by now."""
    yield from bucket.list(release_prefix(title, release))
    yield from bucket.list(flat_prefix(title, release))
    for track in track_ids(bucket, title):
        if maker_of(track) == release:
            yield from bucket.list(track_prefix(title, track))


def prefix_of(bucket: Bucket, title: Title, release: str) -> str:
    """Where a release's manifests are: beside its tracks, or in the one folder of a flat release."""
    prefix = release_prefix(title, release)
    return prefix if bucket.head(prefix + MASTER) is not None else flat_prefix(title, release)


def current_release(bucket: Bucket, title: Title) -> str | None:
    """The release that the stable HLS playlist leads to; None before the first one."""
    content = bucket.get_bytes(title_prefix(title) + MASTER)
    return release_of_master(content.decode()) if content is not None else None


def played_tracks(*manifests: bytes | None) -> set[str]:
    """The tracks that stable manifests lead to."""
    return {track for content in manifests if content for track in _TRACK.findall(content.decode())}


def _folders(bucket: Bucket, prefix: str) -> set[str]:
    return {each.removeprefix(prefix).rstrip("/") for each in bucket.prefixes(prefix)}
