"""Make the release public: one transaction, and a small PUT per manifest right before its commit."""

import logging
import posixpath
import time
from pathlib import Path
from typing import Any

import m3u8

from nightreel.catalog import PublishedResult, Variant
from nightreel.errors import CatalogUnavailable, StorageUnavailable
from nightreel.media.planning.plan import Plan
from nightreel.orchestration.connections import open_bucket, open_catalog
from nightreel.orchestration.conversion.session import Conversion, working
from nightreel.orchestration.conversion.ticket import Ticket
from nightreel.releases import read_back
from nightreel.releases.files import read_manifest
from nightreel.releases.publish import manifest_urls, publish_manifests, stable_texts
from nightreel.releases.read_back import Public
from nightreel.settings import settings
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary import release
from nightreel.vocabulary.layout import release_prefix, title_prefix
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from nightreel.workspace.names import MANIFESTS

log = logging.getLogger(__name__)

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def publish_title(ticket: dict[str, Any]) -> dict[str, str | None]:
    """Updates the catalog and points the stable manifests to the release; returns the URLs.

    May be repeated after a stop at any point: each step is safe to repeat, and in between
    both manifests play, each a whole release. A process that is stopped in between and wakes
    after another run has published changes nothing.
    """
    if urls := _urls_if_published(Ticket.model_validate(ticket)):
        return urls
    with working(ticket, "publish") as conversion:
        title, bucket = conversion.claim.title, conversion.bucket
        # Before the lock: from a bucket, it may take a while.
        directory = conversion.area.fetch(MANIFESTS)
        manifest = read_manifest(directory)
        result = _result(conversion, manifest, directory)
        tracks = manifest.tracks.values()
        holding = conversion.catalog.publications.holding
        with holding(conversion.claim, tracks, manifest.timeline) as publication:
            if not publication.already_published:
                publication.complete(result)
                publish_manifests(bucket, manifest, directory, publication.require_lock)
        urls = _urls(bucket, title, has_mpd=manifest.has_mpd)
        _read_back(conversion, _public(bucket, manifest, directory))
        log.info("published %s: %s", title, " and ".join(filter(None, urls.values())))
        return urls


def _read_back(conversion: Conversion, public: Public) -> None:
    """Looks at the title as viewers do. What is not as it should be becomes a warning of the title.

    Never an error: the row is committed, and viewers are sent to the stream. A task that failed
    now would call a title failed that plays, and converting it again would cure neither a cache
    nor an address that this machine cannot reach.
    """
    title, claim = conversion.claim.title, conversion.claim
    try:
        told = read_back.read_back(public, read_back.STALE_SECONDS)
    except StorageUnavailable as error:
        if public.host in _LOOPBACK:
            # Of a bucket on the machine of whoever watches; a container's own loopback is another.
            log.info("not read back: %s", error)
            return
        told = (str(error),)
    if not told:
        return
    log.warning("%s is published, but %s", title, "; ".join(told))
    try:
        conversion.catalog.publications.warn(title, claim.release, told)
    except CatalogUnavailable as error:
        log.warning("the warning could not be recorded on the title: %s", error)


def _public(bucket: Bucket, manifest: ReleaseManifest, directory: Path) -> Public:
    prefix = title_prefix(manifest.title)
    texts = stable_texts(manifest, directory)
    return Public(
        manifests={bucket.public_url_of(prefix + name): text for name, text in texts.items()},
        files={bucket.public_url_of(manifest.key_of(file.name)): file for file in manifest.files},
    )


def _urls(bucket: Bucket, title: Title, *, has_mpd: bool) -> dict[str, str | None]:
    hls_url, dash_url = manifest_urls(bucket, title, has_mpd=has_mpd)
    return {"hls_url": hls_url, "dash_url": dash_url}


def _urls_if_published(ticket: Ticket) -> dict[str, str | None] | None:
    """The URLs, if an earlier try got as far as its commit: then there is no claim to work with."""
    attempts = open_catalog(settings()).attempts.outcomes([ticket.token])
    if [attempt.outcome for attempt in attempts] != ["published"]:
        return None
    bucket = open_bucket(settings())
    mpd = release_prefix(ticket.title, ticket.release) + release.MPD
    log.info("an earlier try published %s", ticket.title)
    return _urls(bucket, ticket.title, has_mpd=bucket.head(mpd) is not None)


def _result(conversion: Conversion, manifest: ReleaseManifest, directory: Path) -> PublishedResult:
    bucket = conversion.bucket
    hls_url, dash_url = manifest_urls(bucket, manifest.title, has_mpd=manifest.has_mpd)
    return PublishedResult(
        hls_url=hls_url,
        dash_url=dash_url,
        poster_url=bucket.public_url_of(manifest.key_of(release.POSTER)),
        duration_seconds=round(conversion.plan.duration, 3),
        variants=_variants(directory / release.MASTER, conversion.plan),
        files_uploaded=len(manifest.files) + 1,
        bytes=manifest.total_bytes,
        processing_seconds=round(time.time() - conversion.ticket.claimed_at, 1),
        complete=conversion.scope.complete,
        warnings=conversion.plan.warnings,
    )


def _variants(master: Path, plan: Plan) -> tuple[Variant, ...]:
    """The variants as the multivariant playlist announces them, from the lowest to the highest."""
    entries = m3u8.loads(master.read_text()).playlists
    by_name = {posixpath.basename(entry.uri): entry.stream_info for entry in entries}
    announced = [(item, by_name[release.playlist_name(item.name)]) for item in plan.video]
    return tuple(
        Variant(
            quality=item.name,
            resolution="x".join(str(pixels) for pixels in info.resolution),
            bandwidth=info.bandwidth,
            codecs=info.codecs,
        )
        for item, info in announced
    )
