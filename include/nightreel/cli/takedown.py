"""`delete` and `purge`: take a title down, also from caches."""

import json
from typing import Annotated

import typer

from nightreel.cli.deployment import current
from nightreel.cli.titles import Id, Type
from nightreel.cloudflare import Cloudflare, purge_requests
from nightreel.errors import ConfigurationError
from nightreel.releases.takedown import CachePurge, cached_prefixes, public_urls, take_down
from nightreel.releases.takedown import purge as purge_title
from nightreel.vocabulary.title import Title


def delete(
    content_type: Type,
    content_id: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Without asking.")] = False,
) -> None:
    """Delete a title's releases: from the catalog, the bucket and Cloudflare's cache, in this order.

    Its source stays; no night converts it again unasked. Caches may keep segments for a year:
    Cloudflare's is purged where NIGHTREEL_CLOUDFLARE_ZONE_ID and NIGHTREEL_CLOUDFLARE_API_TOKEN
    are set. For other caches, list the URLs first: nightreel purge movie 7 --urls > urls.txt

      nightreel delete movie 7
    """
    place = current()
    title = place.catalog().titles.as_stored(Title(content_type, content_id))
    if not yes:
        typer.confirm(
            f"Delete the releases of {title}? Players that are showing it stop.", abort=True, err=True
        )
    cloudflare = Cloudflare.from_settings(place.settings)
    count, caches = take_down(place.catalog(), place.bucket(), title, cloudflare)
    typer.echo(f"Deleted the releases of {title}: {count} files.")
    _tell(caches)


def purge(
    content_type: Type,
    content_id: Id,
    requests: Annotated[
        bool,
        typer.Option(
            "--requests", help="Print the bodies of the calls (POST /zones/…/purge_cache), one per line."
        ),
    ] = False,
    urls: Annotated[
        bool, typer.Option("--urls", help="Print the URL of each file in the bucket, one per line.")
    ] = False,
) -> None:
    """Purge everything ever published of a title from Cloudflare's cache; may be repeated.

    With an option it only prints what to purge, for a cache that Nightreel cannot reach.

      nightreel purge movie 7

      nightreel purge movie 7 --urls > urls.txt
    """
    place = current()
    title = place.catalog().titles.as_stored(Title(content_type, content_id))
    catalog, bucket = place.catalog(), place.bucket()
    catalog.mapping.table_of(content_type)
    if urls:
        for url in public_urls(bucket, title):
            typer.echo(url)
    elif requests:
        for body in purge_requests(cached_prefixes(catalog, bucket, title)):
            typer.echo(json.dumps(body))
    else:
        cloudflare = Cloudflare.from_settings(place.settings)
        if cloudflare is None:
            raise ConfigurationError(
                "NIGHTREEL_CLOUDFLARE_ZONE_ID and NIGHTREEL_CLOUDFLARE_API_TOKEN are not both set; "
                f"nightreel purge {title} --requests prints what to send"
            )
        _tell(purge_title(catalog, bucket, title, cloudflare))


def _tell(caches: CachePurge) -> None:
    """Reports what was purged. Exits 1 when a purge failed: what is deleted may still be seen."""
    typer.echo(caches.sentence, err=caches.fault is not None)
    if caches.fault is not None:
        raise typer.Exit(1)
