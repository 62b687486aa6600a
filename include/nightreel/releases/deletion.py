"""The releases of a title that the bucket holds, and which of them viewers are sent to."""

from nightreel.errors import Permanent
from nightreel.releases.manifests import release_of_master, release_of_mpd
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.release import MASTER, MPD, release_prefix, title_prefix, valid_release_id
from nightreel.vocabulary.title import Title


class ReleaseInUse(Permanent):
    """The release is published: deleting it would break what viewers play."""


def list_releases(bucket: Bucket, title: Title) -> list[str]:
    """The ids of a title's releases in the bucket, oldest first, unfinished uploads included."""
    # Some S3 servers go on listing a folder for a while after its last object is gone.
    return [
        each for each in release_ids(bucket, title) if next(bucket.list(release_prefix(title, each)), None)
    ]


def release_ids(bucket: Bucket, title: Title) -> list[str]:
    """As `list_releases`, by one listing; some may be empty."""
    folders = (each.rstrip("/").rpartition("/")[2] for each in bucket.prefixes(title_prefix(title)))
    return sorted(filter(valid_release_id, folders))


def current_release(bucket: Bucket, title: Title) -> str | None:
    """The release that the stable HLS playlist points to; None before the first one."""
    content = bucket.get_bytes(title_prefix(title) + MASTER)
    return release_of_master(content.decode()) if content is not None else None


def delete_release(bucket: Bucket, title: Title, release: str) -> int:
    """Delete every file of a release; how many. Safe to repeat.

    Raises ReleaseInUse when one of the stable manifests points to it. A stable MPD that the
    published release has not replaced, because it is for HLS alone, goes with its release.
    """
    prefix = release_prefix(title, release)
    current = current_release(bucket, title)
    # Nobody is locked out meanwhile; what is put there since is kept by the condition.
    dash = bucket.fenced(title_prefix(title) + MPD, ask=lambda: None)
    for_dash = dash.content is not None and release_of_mpd(dash.content.decode()) == release
    if release == current or (for_dash and not _for_hls_alone(bucket, title, current)):
        raise ReleaseInUse(f"release {release} of {title} is the published one: publish another first")
    if for_dash:
        dash.delete()
    return bucket.delete(item.key for item in bucket.list(prefix))


def _for_hls_alone(bucket: Bucket, title: Title, release: str | None) -> bool:
    return release is not None and bucket.head(release_prefix(title, release) + MPD) is None
