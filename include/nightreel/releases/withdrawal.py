"""Withdraws a title: takes its releases from the catalog, then from the bucket.

In this order no row ever leads to deleted files, wherever it stops: rows first, in one
transaction; then the stable manifests, which lead into a release; then its files. Caches may
still answer for the manifests as long as those allow, a minute. The source is not touched.

A release whose publishing began and was not done may still be led to by a process that was stopped
in it: it goes last, half an hour later, and housekeeping takes the manifests away until then.
"""

import logging
from datetime import timedelta

from nightreel.catalog import Catalog, Refusal
from nightreel.errors import Permanent
from nightreel.one_by_one import try_each
from nightreel.releases.deletion import delete_release
from nightreel.releases.inventory import list_releases
from nightreel.releases.publish import unpublish_manifests
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.title import Title

log = logging.getLogger(__name__)


class TitleInWork(Permanent):
    """A run has the title claimed, and would publish what is deleted."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)


def withdraw(catalog: Catalog, bucket: Bucket, title: Title, *, orphaned: bool = False) -> int:
    """Deletes every release of a title; returns how many files that were. Safe to repeat.

    The title stays quarantined until its source changes, it is requeued or forced; not so one
    that goes because its row is gone (`orphaned`). Raises TitleInWork, TitleNotFound, RowIsThere,
    StorageUnavailable; after the last, call it again, or leave the rest to `finish_withdrawals`.
    """
    refusal = catalog.withdrawals.withdraw(title, orphaned=orphaned)
    if refusal is not None:
        raise TitleInWork(refusal)
    return _empty_the_bucket(catalog, bucket, title)


def finish_withdrawals(catalog: Catalog, bucket: Bucket) -> list[Title]:
    """Finishes withdrawals that were stopped midway; returns their titles.

    Also takes back what a first publication that stopped halfway and was given up left public.
    Each is tried by itself. Raises NotAllDone after all were tried.
    """
    finished: list[Title] = []

    def finish(title: Title) -> None:
        count = _empty_the_bucket(catalog, bucket, title)
        log.info("finished the withdrawal of %s: %d files", title, count)
        finished.append(title)

    try_each(catalog.withdrawals.unfinished(), finish)
    return finished


def _empty_the_bucket(catalog: Catalog, bucket: Bucket, title: Title) -> int:
    with catalog.releases.holding(title, None) as lock:
        if lock is not None:
            unpublish_manifests(bucket, title, lock.require)
    # Listed before the catalog is asked: what a new run begins to upload meanwhile is not in it.
    listed = list_releases(bucket, title)
    leftovers = set(listed) - catalog.releases.known(title)
    superseded = {release for _, release in catalog.releases.superseded(timedelta(0), title)}
    count = 0
    for release in sorted(superseded | leftovers):
        count += delete_release(catalog, bucket, title, release)
        catalog.releases.mark_deleted(title, release)
    return count
