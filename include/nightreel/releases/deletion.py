"""Deletes a release: its manifests, and those of its tracks that no other release has."""

from nightreel.catalog import Catalog
from nightreel.errors import Permanent
from nightreel.releases.inventory import played_tracks, prefix_of, track_ids
from nightreel.releases.manifests import release_of_master, release_of_mpd
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import flat_prefix, release_prefix, title_prefix, track_prefix
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.title import Title


class ReleaseInUse(Permanent):
    """The release is published: deleting it would break what viewers play."""


def delete_release(catalog: Catalog, bucket: Bucket, title: Title, release: str) -> int:
    """Delete the files of a release that no other needs; how many. Safe to repeat.

    A track stays while another release has it that is played or may be, or while a stable manifest
    leads to it. Raises ReleaseInUse when one of the stable manifests leads to the release. A stable
    MPD that the published release has not replaced, because it is for HLS alone, goes with its
    release.
    """
    master = bucket.get_bytes(title_prefix(title) + MASTER)
    current = None if master is None else release_of_master(master.decode())
    # Nobody is locked out meanwhile; what is put there since is kept by the condition.
    dash = bucket.fenced(title_prefix(title) + MPD, ask=lambda: None)
    for_dash = dash.content is not None and release_of_mpd(dash.content.decode()) == release
    if release == current or (for_dash and not _for_hls_alone(bucket, title, current)):
        raise ReleaseInUse(f"release {release} of {title} is the published one: publish another first")
    # Listed before the catalog is asked: what a run begins to upload meanwhile is not in it.
    listed = track_ids(bucket, title)
    played = played_tracks(master, None if for_dash else dash.content)
    tracks = [each for each in catalog.tracks.unused(title, release, listed) if each not in played]
    if for_dash:
        dash.delete()
    prefixes = [release_prefix(title, release), flat_prefix(title, release)]
    prefixes += [track_prefix(title, each) for each in tracks]
    return bucket.delete(item.key for prefix in prefixes for item in bucket.list(prefix))


def _for_hls_alone(bucket: Bucket, title: Title, release: str | None) -> bool:
    return release is not None and bucket.head(prefix_of(bucket, title, release) + MPD) is None
