"""`check`: whether everything that a conversion needs is in order."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Annotated
from urllib.parse import quote

import httpx
import typer

from nightreel.cli.deployment import current
from nightreel.deployment import Deployment
from nightreel.encryption import require_encryption
from nightreel.errors import ConfigurationError, NightreelError
from nightreel.media.planning.ladder import load_ladder
from nightreel.media.programs.binaries import find_binaries
from nightreel.media.programs.sandbox import strength
from nightreel.runs.dags import WHILE_PAUSED
from nightreel.storage.client import client_from_settings
from nightreel.vocabulary.layout import longest_urls
from nightreel.workspace.locations import bucket_of

_ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Part:
    """One thing to check; `examine` returns what to report, or raises."""

    name: str
    examine: Callable[[Deployment], str]


def check(
    migrate: Annotated[
        bool, typer.Option("--migrate", help="First create or update Nightreel's own schema in the catalog.")
    ] = False,
) -> None:
    """Check the settings, the catalog, the bucket, the programs and Airflow, and say how to fix faults.

    Writes one small object into the bucket, reads it under the public URL and deletes it.
    Updates one row of each of your tables with its own values, and rolls that back.
    Exits 1 if anything is wrong.

      nightreel check

      nightreel check --migrate
    """
    place = current()
    typer.echo("ok     settings")
    if migrate:
        place.catalog().schema.migrate()
    wrong = [part.name for part in PARTS if not _passes(part, place)]
    if wrong:
        typer.echo(f"To be fixed: {', '.join(wrong)}", err=True)
        raise typer.Exit(1)


def _passes(part: Part, place: Deployment) -> bool:
    try:
        told = part.examine(place)
    except NightreelError as error:
        typer.echo(f"wrong  {part.name}: {error}")
        return False
    typer.echo(f"ok     {part.name}: {told}")
    return True


def _mapping(place: Deployment) -> str:

    catalog = place.catalog()
    catalog.schema.check_mapping()
    public_url = place.settings.r2_public_url
    catalog.schema.check_outputs(lambda title: longest_urls(public_url, title))
    tables = ", ".join(f"{kind} in {table.table}" for kind, table in catalog.mapping.content_types.items())
    return "\n       advice: ".join([tables, *map(str, catalog.schema.scan_advice())])


def _catalog(place: Deployment) -> str:
    try:
        place.catalog().titles.status(limit=1)
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}: nightreel check --migrate") from error
    place.catalog().schema.check_marks()
    return "Nightreel's own schema exists"


def _ladder(place: Deployment) -> str:

    return " ".join(rung.name for rung in load_ladder(place.settings.ladder).rungs)


def _encryption(place: Deployment) -> str:

    options, tables = place.settings, place.catalog().mapping.content_types.values()
    by_column = [table.table for table in tables if table.columns.encrypt is not None]
    if not options.encrypt and not by_column and not options.key_secret.get_secret_value():
        return "off; every title is published in the clear"
    require_encryption(options)
    rest = "encrypted" if options.encrypt else "in the clear"
    return f"players get keys at {options.key_uri}; titles without a choice of their own are {rest}"


def _programs(place: Deployment) -> str:

    options = place.settings
    versions = find_binaries(options.ffmpeg, options.ffprobe, options.packager).versions()
    silent = [name for name, version in versions.items() if not version]
    if silent:
        raise ConfigurationError(f"{', '.join(silent)} does not run here; set NIGHTREEL_{silent[0].upper()}")
    return "; ".join(" ".join(version.split()[:3]) for version in versions.values())


def _sandbox(place: Deployment) -> str:

    return strength()


def _bucket(place: Deployment) -> str:
    bucket = place.bucket()
    key, content = f"nightreel-check/{token_hex(8)}", token_hex(16).encode()
    bucket.put_bytes(key, content, "text/plain", "no-store")
    try:
        if [item.size for item in bucket.list(key)] != [len(content)]:
            raise ConfigurationError(f"the bucket {bucket.name!r} does not list what was just written to it")
        _require_public(bucket.public_url_of(key), content)
    finally:
        bucket.delete([key])
    return f"{bucket.name} takes, lists and deletes; {bucket.public_url} serves them"


def _require_public(url: str, content: bytes) -> None:

    # Requests to the loopback interface must not go through the machine's proxy.
    local = httpx.URL(url).host in ("127.0.0.1", "localhost")
    cure = "correct R2_PUBLIC_URL, or allow public reading of the bucket"
    try:
        answer = httpx.get(url, timeout=_ANSWER_SECONDS, follow_redirects=True, trust_env=not local)
    except httpx.HTTPError as error:
        raise ConfigurationError(f"{url} does not answer ({type(error).__name__}): {cure}") from error
    if answer.status_code != httpx.codes.OK or answer.content != content:
        raise ConfigurationError(f"{url} answers {answer.status_code}, not with what was written: {cure}")


def _work_area(place: Deployment) -> str:

    location = place.settings.work_area
    if not location.startswith("s3://"):
        return f"{location}, a directory that all workers must share"
    # Not only by name, because two names may lead to one bucket.
    area, prefix = bucket_of(location, client_from_settings(place.settings))
    key, content = f"{prefix}nightreel-check/{token_hex(8)}", token_hex(16).encode()
    area.put_bytes(key, content, "text/plain", "no-store")
    try:
        anonymous = f"{place.settings.endpoint_url}/{area.name}/{quote(key)}"
        for url in (place.bucket().public_url_of(key), anonymous):
            if _is_served(url, content):
                raise ConfigurationError(
                    f"everyone reads {location} at {url}, and it would hold sources: set NIGHTREEL_WORK_AREA "
                    "to a prefix of a private bucket, or to a directory"
                )
    finally:
        area.delete([key])
    return f"{location}, which cannot be read without the key pair"


def _is_served(url: str, content: bytes) -> bool:

    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url, timeout=_ANSWER_SECONDS, follow_redirects=True).content == content
    return False


def _caches(place: Deployment) -> str:
    zone, token = place.settings.cloudflare_zone_id, place.settings.cloudflare_api_token.get_secret_value()
    if not zone and not token:
        return "deleted titles must be purged from caches by hand; see nightreel purge --help"
    if not zone or not token:
        missing = "NIGHTREEL_CLOUDFLARE_API_TOKEN" if zone else "NIGHTREEL_CLOUDFLARE_ZONE_ID"
        raise ConfigurationError(f"{missing} is not set: purging a cache needs both the zone and the token")
    return f"deleted titles are purged from Cloudflare's zone {zone}"


def _airflow(place: Deployment) -> str:
    with place.airflow() as airflow:
        ill = [name for name, part in airflow.health().items() if not part.healthy()]
        dags = {dag.dag_id: dag for dag in airflow.dags()}
        broken = [failure.filename for failure in airflow.import_errors()]
    if ill:
        raise ConfigurationError(f"not healthy: {', '.join(ill)}; see their logs")
    if broken:
        raise ConfigurationError(f"cannot import {', '.join(broken)}; see its page for the reason")
    if missing := sorted(WHILE_PAUSED.keys() - dags.keys()):
        raise ConfigurationError(f"no DAG {', '.join(missing)}: copy Nightreel's dags/ to its DAG folder")
    if paused := sorted(name for name in WHILE_PAUSED if dags[name].is_paused):
        raise ConfigurationError(f"paused: {', '.join(paused)}; unpause them")
    return f"{place.settings.airflow_url} is healthy and has Nightreel's DAGs"


PARTS = (
    Part("mapping", _mapping),
    Part("catalog", _catalog),
    Part("bucket", _bucket),
    Part("work area", _work_area),
    Part("ladder", _ladder),
    Part("encryption", _encryption),
    Part("programs", _programs),
    Part("sandbox", _sandbox),
    Part("caches", _caches),
    Part("Airflow", _airflow),
)
