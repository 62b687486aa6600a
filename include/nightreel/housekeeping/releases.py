"""Releases that nobody plays any more."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from nightreel.catalog import Catalog
from nightreel.one_by_one import try_each
from nightreel.storage.bucket import Bucket
from nightreel.storage.releases import ReleaseInUse, delete_release
from nightreel.title import Title

log = logging.getLogger(__name__)


@dataclass(frozen=True, order=True)
class TitleRelease:
    """One release of a title."""

    title: Title
    release: str

    def __str__(self) -> str:
        return f"{self.title}/{self.release}"


def delete_superseded(catalog: Catalog, bucket: Bucket, grace: timedelta) -> list[TitleRelease]:
    """Deletes the releases that were replaced longer ago than `grace`; those that are gone now.

    Each is tried by itself. One that a stable manifest still names stays, and is told: the
    catalog and the bucket disagree, and publishing the title again makes them agree. Raises
    NotAllDone after all were tried.
    """
    deleted: list[TitleRelease] = []

    def delete(each: TitleRelease) -> None:
        try:
            count = delete_release(bucket, each.title, each.release)
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
