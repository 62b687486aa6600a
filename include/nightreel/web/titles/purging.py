"""What caches may hold of a title, and purging it from Cloudflare's."""

from fastapi import APIRouter

from nightreel.cloudflare import Cloudflare, purge_requests
from nightreel.releases.takedown import cached_prefixes, public_urls, purge
from nightreel.web.access import needs
from nightreel.web.problems import Problem, documented
from nightreel.web.services import GivenServices
from nightreel.web.title_lookup import TITLE_PATH, ContentId, ContentType, mapped_title
from nightreel.web.titles.models import Cached, Caches


def add_purge_routes(router: APIRouter) -> None:
    """Adds the routes that concern caches."""

    @router.get(
        f"{TITLE_PATH}/purge",
        summary="List what caches may hold of a title",
        responses=documented(401, 403, 404, 422, 503),
        dependencies=[needs("read")],
    )
    def list_cached(services: GivenServices, content_type: ContentType, content_id: ContentId) -> Cached:
        """The calls of Cloudflare's API that purge it, and the URL of each file in the bucket."""
        title = mapped_title(services, content_type, content_id)
        prefixes = cached_prefixes(services.catalog, services.bucket, title)
        return Cached(
            requests=tuple(
                {name: tuple(each) for name, each in body.items()} for body in purge_requests(prefixes)
            ),
            urls=tuple(public_urls(services.bucket, title)),
        )

    @router.post(
        f"{TITLE_PATH}/purge",
        summary="Purge a title from Cloudflare's cache",
        responses=documented(401, 403, 404, 409, 422, 502, 503),
        dependencies=[needs("convert")],
    )
    def purge_title(services: GivenServices, content_type: ContentType, content_id: ContentId) -> Caches:
        """Purges all that was ever published of it. What is still published is cached again on request."""
        title = mapped_title(services, content_type, content_id)
        cloudflare = Cloudflare.from_settings(services.settings)
        caches = purge(services.catalog, services.bucket, title, cloudflare)
        if cloudflare is None:
            raise Problem(409, "No cache is set up", caches.sentence)
        if not caches.purged:
            raise Problem(502, "Cloudflare refused", caches.sentence)
        return Caches.of(caches)
