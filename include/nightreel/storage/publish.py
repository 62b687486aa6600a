"""Publishes a release: two small PUTs, after which the stable URLs play it. For HLS alone, one.

Nothing else in the bucket is ever overwritten. R2 takes one write a second to one key;
beyond that it answers 429, which the client retries. Each PUT is safe to repeat, and
between the two both manifests play: one the new release, the other the old one.
"""

from pathlib import Path

from nightreel.release import MASTER, MPD, STABLE_CACHE, content_type_of, title_prefix
from nightreel.storage.bucket import Bucket
from nightreel.storage.manifests import stable_master, stable_mpd
from nightreel.title import Title


def manifest_urls(bucket: Bucket, title: Title, *, has_mpd: bool) -> tuple[str, str | None]:
    """The public URLs of a title's HLS playlist and DASH manifest, the same for ever.

    The latter is None for a release without one.
    """
    prefix = title_prefix(title)
    return bucket.public_url_of(prefix + MASTER), bucket.public_url_of(prefix + MPD) if has_mpd else None


def publish_manifests(bucket: Bucket, title: Title, release: str, directory: Path) -> tuple[str, str | None]:
    """Point the stable manifests to an uploaded release; `manifest_urls` of the title.

    `directory` holds the release. Where it has no MPD, that of an earlier release stays until
    that release is deleted: it still plays for those who have it. Raises StorageUnavailable;
    ReleaseRejected for an MPD that cannot be pointed elsewhere.
    """
    has_mpd = (directory / MPD).is_file()
    publish_master(bucket, title, release, directory)
    if has_mpd:
        publish_mpd(bucket, title, release, directory)
    return manifest_urls(bucket, title, has_mpd=has_mpd)


def publish_master(bucket: Bucket, title: Title, release: str, directory: Path) -> None:
    """Point the stable HLS playlist to the release."""
    text = stable_master((directory / MASTER).read_text("utf-8"), release)
    _put(bucket, title_prefix(title) + MASTER, text)


def publish_mpd(bucket: Bucket, title: Title, release: str, directory: Path) -> None:
    """Point the stable DASH manifest to the release."""
    text = stable_mpd((directory / MPD).read_text("utf-8"), release)
    _put(bucket, title_prefix(title) + MPD, text)


def unpublish_manifests(bucket: Bucket, title: Title) -> None:
    """Delete both stable manifests, those that are not there included."""
    prefix = title_prefix(title)
    bucket.delete([prefix + MASTER, prefix + MPD])


def _put(bucket: Bucket, key: str, text: str) -> None:
    bucket.put_bytes(key, text.encode(), content_type_of(Path(key).name), STABLE_CACHE)
