"""Publishes a release: two small PUTs, after which the stable URLs play it. For HLS alone, one.

Nothing else in the bucket is ever overwritten. R2 takes one write a second to one key;
beyond that it answers 429, which the client retries. Each PUT is safe to repeat, and
between the two both manifests play: one the new release, the other the old one.

A process that was stopped and wakes late changes nothing: see `storage.fenced`. `ask` raises
unless the title is still locked; where a manifest was changed by another, all raise ObjectChanged.
"""

from pathlib import Path

from nightreel.errors import StorageUnavailable
from nightreel.releases.inventory import prefix_of
from nightreel.releases.manifests import stable_manifests
from nightreel.storage.bucket import Bucket
from nightreel.storage.fenced import Ask
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER, MPD, STABLE_CACHE, content_type_of
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title


def manifest_urls(bucket: Bucket, title: Title, *, has_mpd: bool) -> tuple[str, str | None]:
    """The public URLs of a title's HLS playlist and DASH manifest, the same for good.

    The latter is None for a release without one.
    """
    prefix = title_prefix(title)
    return bucket.public_url_of(prefix + MASTER), bucket.public_url_of(prefix + MPD) if has_mpd else None


def publish_manifests(
    bucket: Bucket, manifest: ReleaseManifest, directory: Path, ask: Ask
) -> tuple[str, str | None]:
    """Point the stable manifests to an uploaded release; `manifest_urls` of the title.

    `directory` holds the release's own manifests. Where it has no MPD, that of an earlier release
    stays until that release is deleted: it still plays for those who have it. Raises
    StorageUnavailable; ReleaseRejected for an MPD that cannot be pointed elsewhere.
    """
    # Both are made before either is put.
    texts = stable_texts(manifest, directory)
    publish_master(bucket, manifest.title, texts[MASTER], ask)
    if MPD in texts:
        publish_mpd(bucket, manifest.title, texts[MPD], ask)
    return manifest_urls(bucket, manifest.title, has_mpd=MPD in texts)


def restore_manifests(bucket: Bucket, title: Title, release: str, ask: Ask) -> bool:
    """Point the stable manifests back to a release, by its own in the bucket; True if one led elsewhere.

    Where it has no MPD, that of another release stays until that release is deleted. Raises as
    `publish_manifests` does, and StorageUnavailable when the bucket does not have its playlist.
    """
    prefix = prefix_of(bucket, title, release)
    master, mpd = (bucket.get_bytes(prefix + name) for name in (MASTER, MPD))
    if master is None:
        raise StorageUnavailable(
            f"the bucket {bucket.name!r} has no {MASTER} of the release {release} of {title}, which is "
            "the published one: convert it again, with force"
        )
    folder = prefix.removeprefix(title_prefix(title))
    changed = False
    texts = stable_manifests(release, folder, master.decode(), None if mpd is None else mpd.decode())
    for name, text in texts.items():
        found = bucket.fenced(title_prefix(title) + name, ask)
        changed |= found.content != text.encode()
        found.replace(text.encode(), content_type_of(name), STABLE_CACHE)
    return changed


def stable_texts(manifest: ReleaseManifest, directory: Path) -> dict[str, str]:
    """The texts of the stable manifests that lead to a release, by name; of one for HLS alone, one.

    `directory` holds the release's own manifests, as its folder in the bucket has them.
    """
    folder = manifest.prefix.removeprefix(title_prefix(manifest.title))
    mpd = directory / MPD
    return stable_manifests(
        manifest.release,
        folder,
        (directory / MASTER).read_text("utf-8"),
        mpd.read_text("utf-8") if mpd.is_file() else None,
    )


def publish_master(bucket: Bucket, title: Title, text: str, ask: Ask) -> None:
    """Put the stable HLS playlist."""
    _put(bucket, title_prefix(title) + MASTER, text, ask)


def publish_mpd(bucket: Bucket, title: Title, text: str, ask: Ask) -> None:
    """Put the stable DASH manifest."""
    _put(bucket, title_prefix(title) + MPD, text, ask)


def unpublish_manifests(bucket: Bucket, title: Title, ask: Ask) -> None:
    """Delete both stable manifests, those that are not there included."""
    for name in (MASTER, MPD):
        bucket.fenced(title_prefix(title) + name, ask).delete()


def _put(bucket: Bucket, key: str, text: str, ask: Ask) -> None:
    bucket.fenced(key, ask).replace(text.encode(), content_type_of(Path(key).name), STABLE_CACHE)
