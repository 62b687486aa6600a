"""Releases that are no longer played."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nightreel.catalog import Catalog
from nightreel.one_by_one import try_each
from nightreel.releases.deletion import ReleaseInUse, delete_release
from nightreel.releases.inventory import objects_of, release_ids
from nightreel.releases.publish import restore_manifests
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import RELEASES, title_of_prefix
from nightreel.vocabulary.release import released_at
from nightreel.vocabulary.title import Title

log = logging.getLogger(__name__)

MOST_TITLES = 2000
"""Whose releases are looked for in one run: at a run an hour, a bucket of 50,000 titles in a day."""
_UNKNOWN_RELEASES = "unknown_releases"


@dataclass(frozen=True, order=True)
class TitleRelease:
    """One release of a title."""

    title: Title
    release: str

    def __str__(self) -> str:
        return f"{self.title}/{self.release}"


def lead_back(catalog: Catalog, bucket: Bucket, title: Title | None = None) -> list[TitleRelease]:
    """Leads viewers, of one title or of all, back from abandoned publications to the published release.

    Back, not forward: the release that the catalog names is complete, was checked, and is what the
    user's row names, so nothing can be lost. The other's run ended as failed, and what its
    publication would have written went with its work area. Harmless twice; each is tried by
    itself. Raises NotAllDone after all were tried.
    """
    healed: list[TitleRelease] = []

    def heal(each: TitleRelease) -> None:
        with catalog.releases.holding(each.title, each.release) as lock:
            if lock is not None and restore_manifests(bucket, each.title, each.release, lock.require):
                log.warning("viewers get %s again: another run's publication stopped halfway", each)
                healed.append(each)

    try_each([TitleRelease(*each) for each in catalog.releases.half_published(title)], heal)
    return healed


def delete_superseded(catalog: Catalog, bucket: Bucket, grace: timedelta) -> list[TitleRelease]:
    """Deletes the releases that were replaced longer ago than `grace`; returns those deleted.

    Each is tried by itself. One that a stable manifest still names stays, and is reported: the
    catalog and the bucket disagree, and publishing the title again makes them agree. Raises
    NotAllDone after all were tried.
    """
    deleted: list[TitleRelease] = []

    def delete(each: TitleRelease) -> None:
        try:
            count = delete_release(catalog, bucket, each.title, each.release)
        except ReleaseInUse:
            log.warning(
                "%s was replaced, but its public URL still leads to it: it stays; convert %s again",
                each,
                each.title,
            )
            return
        catalog.releases.mark_deleted(each.title, each.release)
        log.info("deleted release %s: %d files", each, count)
        deleted.append(each)

    try_each([TitleRelease(*each) for each in catalog.releases.superseded(grace)], delete)
    return deleted


def delete_unknown(
    catalog: Catalog, bucket: Bucket, grace: timedelta, most_titles: int = MOST_TITLES
) -> list[TitleRelease]:
    """Deletes releases that no record names and that got no file for `grace`; returns those deleted.

    A run that died and was forgotten leaves them, or tracks alone. At most `most_titles` titles are
    looked at; the next call continues after them. Anything that is not in a release's place, belongs
    to a title that this catalog never converted, or is named by a stable manifest, stays. Raises
    NotAllDone after all were tried.
    """
    behind = _titles_behind(bucket, catalog.cursors.position(_UNKNOWN_RELEASES))
    limit = datetime.now(UTC) - grace
    # Listed before the catalog is asked: what a new run begins to upload meanwhile is not in it.
    listed = [
        TitleRelease(title, release)
        for prefix in behind[:most_titles]
        if (title := title_of_prefix(prefix)) is not None
        for release in release_ids(bucket, title)
        if (made := released_at(release)) is not None and made <= limit
    ]
    catalog.cursors.move(_UNKNOWN_RELEASES, behind[most_titles - 1] if len(behind) > most_titles else "")
    unknown = sorted(
        TitleRelease(*each)
        for each in catalog.releases.unknown([(each.title, each.release) for each in listed])
    )
    deleted: list[TitleRelease] = []

    def delete(each: TitleRelease) -> None:
        objects = objects_of(bucket, each.title, each.release)
        latest = max((item.modified for item in objects), default=None)
        # Some S3 servers go on listing a folder for a while after its last object is gone.
        if latest is None or latest > limit:
            return
        try:
            count = delete_release(catalog, bucket, each.title, each.release)
        except ReleaseInUse:
            log.warning("%s is in no record, but its public URL leads to it: it stays", each)
            return
        # The tracks of a run may outlive its own release, within a later one.
        if count:
            log.info("deleted %s, which is in no record: %d files", each, count)
            deleted.append(each)

    try_each(unknown, delete)
    return deleted


def _titles_behind(bucket: Bucket, position: str) -> list[str]:
    """The prefixes of the titles in the bucket that come after this one, in order."""
    return sorted(
        prefix
        for content_type in bucket.prefixes(RELEASES)
        for prefix in bucket.prefixes(content_type)
        if prefix > position
    )
