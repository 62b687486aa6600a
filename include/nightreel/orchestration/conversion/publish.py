"""Make the release public: one transaction, and a small PUT per manifest right before its commit."""

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nightreel import release
from nightreel.orchestration.connections import open_bucket, open_catalog
from nightreel.orchestration.conversion.session import MANIFEST, RELEASE, Conversion, Ticket, working
from nightreel.settings import settings
from nightreel.title import Title

if TYPE_CHECKING:
    from nightreel.catalog import PublishedResult, Variant
    from nightreel.media.planning.plan import Plan
    from nightreel.storage.bucket import Bucket

log = logging.getLogger(__name__)


def publish_title(ticket: dict[str, Any]) -> dict[str, str | None]:
    """Updates the catalog and points the stable manifests to the release; returns the URLs.

    May be repeated after a stop at any point: each step is harmless twice, and in between
    both manifests play, each a whole release. A process that is stopped in between and wakes
    after another run has published changes nothing.
    """
    from nightreel.storage.publish import publish_manifests

    if urls := _urls_if_published(Ticket.model_validate(ticket)):
        return urls
    with working(ticket, "publish") as conversion:
        title, bucket = conversion.claim.title, conversion.bucket
        # Before the lock: from a bucket, it may take a while.
        directory = conversion.area.fetch(RELEASE)
        result = _result(conversion, directory)
        with conversion.catalog.publishing(conversion.claim) as publication:
            if not publication.already_published:
                publication.complete(result)
                ask = publication.require_lock
                publish_manifests(bucket, title, conversion.claim.release, directory, ask)
        urls = _urls(bucket, title, has_mpd=conversion.plan.container == "cmaf")
        log.info("published %s: %s", title, " and ".join(filter(None, urls.values())))
        return urls


def _urls(bucket: "Bucket", title: Title, *, has_mpd: bool) -> dict[str, str | None]:
    from nightreel.storage.publish import manifest_urls

    hls_url, dash_url = manifest_urls(bucket, title, has_mpd=has_mpd)
    return {"hls_url": hls_url, "dash_url": dash_url}


def _urls_if_published(ticket: Ticket) -> dict[str, str | None] | None:
    """The URLs, if an earlier try got as far as its commit: then there is no claim to work with."""
    [attempt] = open_catalog(settings()).outcomes([ticket.token])
    if attempt.outcome != "published":
        return None
    bucket = open_bucket(settings())
    mpd = release.release_prefix(ticket.title, ticket.release) + release.MPD
    log.info("an earlier try published %s", ticket.title)
    return _urls(bucket, ticket.title, has_mpd=bucket.head(mpd) is not None)


def _result(conversion: Conversion, directory: Path) -> "PublishedResult":
    from nightreel.catalog import PublishedResult
    from nightreel.storage.publish import manifest_urls

    title, bucket = conversion.claim.title, conversion.bucket
    manifest = release.ReleaseManifest.model_validate_json(conversion.area.fetch(MANIFEST).read_text())
    hls_url, dash_url = manifest_urls(bucket, title, has_mpd=conversion.plan.container == "cmaf")
    prefix = release.release_prefix(title, conversion.claim.release)
    return PublishedResult(
        hls_url=hls_url,
        dash_url=dash_url,
        poster_url=bucket.public_url_of(prefix + release.POSTER),
        duration_seconds=round(conversion.plan.duration, 3),
        variants=_variants(directory / release.MASTER, conversion.plan),
        files_uploaded=len(manifest.files) + 1,
        bytes=manifest.total_bytes,
        processing_seconds=round(time.time() - conversion.ticket.claimed_at, 1),
        warnings=conversion.plan.warnings,
    )


def _variants(master: Path, plan: "Plan") -> tuple["Variant", ...]:
    """The variants as the multivariant playlist announces them, from the lowest to the highest."""
    import m3u8

    from nightreel.catalog import Variant

    by_uri = {entry.uri: entry.stream_info for entry in m3u8.loads(master.read_text()).playlists}
    announced = [(item, by_uri[release.playlist_name(item.name)]) for item in plan.video]
    return tuple(
        Variant(
            quality=item.name,
            resolution="x".join(str(pixels) for pixels in info.resolution),
            bandwidth=info.bandwidth,
            codecs=info.codecs,
        )
        for item, info in announced
    )
