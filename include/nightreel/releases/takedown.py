"""Takes a title down completely: from the catalog, from the bucket, then from caches.

Segments may be kept for a year by whoever has loaded them (`immutable`), so deleting them is not
enough. The purge is the last step: a cache that is emptied first fills up again from the bucket.
What is purged follows from the catalog alone, which remembers every release that there ever was,
so that a purge that failed can be repeated at any time.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from nightreel.catalog import Catalog
from nightreel.cloudflare import Cloudflare, PurgeFailed, purge_prefix
from nightreel.releases.withdrawal import withdraw
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import flat_prefix, releases_prefix, title_prefix, tracks_prefix
from nightreel.vocabulary.release import MASTER, MPD
from nightreel.vocabulary.title import Title

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CachePurge:
    """What happened to the copies in caches. `prefixes` are those of Cloudflare: host and path."""

    prefixes: tuple[str, ...]
    purged: bool
    fault: str | None = None

    @property
    def sentence(self) -> str:
        """The result in a sentence."""
        if self.purged:
            return (
                "Cloudflare's cache is purged of it. Players that have loaded segments, and other caches, "
                "may keep them for a year."
            )
        kept = "Caches may keep its segments for a year, and answer with them"
        if self.fault is not None:
            return f"{kept}. {self.fault}. Housekeeping tries again; or purge it by hand."
        return (
            f"{kept}: purge them, by the list that `nightreel purge` and GET …/purge give, or set "
            "NIGHTREEL_CLOUDFLARE_ZONE_ID and NIGHTREEL_CLOUDFLARE_API_TOKEN, and purge it again."
        )


def take_down(
    catalog: Catalog, bucket: Bucket, title: Title, cloudflare: Cloudflare | None
) -> tuple[int, CachePurge]:
    """Deletes every release of a title, and purges it; returns how many files. Safe to repeat.

    Raises what `withdraw` raises. A purge that fails is reported in the result.
    """
    count = withdraw(catalog, bucket, title)
    return count, purge(catalog, bucket, title, cloudflare)


def purge(catalog: Catalog, bucket: Bucket, title: Title, cloudflare: Cloudflare | None) -> CachePurge:
    """Purges everything ever published of a title; may be repeated.

    What is still published is cached again when it is asked for.
    """
    since = catalog.purges.due().get(title)
    prefixes = cached_prefixes(catalog, bucket, title)
    if cloudflare is None:
        return CachePurge(prefixes, purged=False)
    try:
        cloudflare.purge(prefixes)
    except PurgeFailed as error:
        log.warning("%s: %s", title, error)
        return CachePurge(prefixes, purged=False, fault=str(error))
    if since is not None:
        catalog.purges.done(title, since)
    return CachePurge(prefixes, purged=True)


def purge_what_is_due(catalog: Catalog, bucket: Bucket, cloudflare: Cloudflare | None) -> list[Title]:
    """Purges the titles whose purge failed or never happened; returns those purged.

    Skips those with files left in the bucket. Does nothing without a cache that can be purged.
    """
    if cloudflare is None:
        return []
    unfinished = set(catalog.withdrawals.unfinished())
    due = [title for title in catalog.purges.due() if title not in unfinished]
    return [title for title in due if purge(catalog, bucket, title, cloudflare).purged]


def cached_prefixes(catalog: Catalog, bucket: Bucket, title: Title) -> tuple[str, ...]:
    """What caches may hold of a title: its stable manifests, releases, tracks and flat releases."""
    place = title_prefix(title)
    folders = [releases_prefix(title), tracks_prefix(title)]
    folders += [flat_prefix(title, each) for each in catalog.releases.ever(title)]
    keys = [place + MASTER, place + MPD, *(each.rstrip("/") for each in folders)]
    return tuple(_as_prefixes(bucket, keys))


def public_urls(bucket: Bucket, title: Title) -> list[str]:
    """The public URL of each file that the bucket has of a title, for caches that purge by URL."""
    return [bucket.public_url_of(item.key) for item in bucket.list(title_prefix(title))]


def _as_prefixes(bucket: Bucket, keys: Sequence[str]) -> list[str]:
    return [purge_prefix(bucket.public_url_of(key)) for key in keys]
