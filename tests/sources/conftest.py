"""A source's host, and a bucket whose public URL is that host's or another's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightreel.errors import SourceRejected
from nightreel.settings import Settings, load_settings
from nightreel.sources.fetching import fetch
from nightreel.storage.bucket import Bucket
from tests.sources.origins import Origin, running_origin


@pytest.fixture
def origin() -> Iterator[Origin]:
    with running_origin() as running:
        yield running


@pytest.fixture
def settings(bucket_settings: Settings) -> Settings:
    """The host 127.0.0.1 is allowed by name; only the port of R2_PUBLIC_URL is the operator's own."""
    return changed(bucket_settings, allowed_hosts="127.0.0.1")


@pytest.fixture
def cdn(bucket: Bucket) -> Bucket:
    """The bucket behind a public URL at which nothing answers."""
    return Bucket(bucket._client, bucket.name, "https://cdn.example/media")


@pytest.fixture
def public(bucket: Bucket, origin: Origin) -> Bucket:
    """The bucket behind a public URL on the host that the sources are on."""
    return Bucket(bucket._client, bucket.name, f"{origin.url}/media")


def changed(settings: Settings, **values: object) -> Settings:
    return load_settings(**{**settings.model_dump(), **values})


def rejection(url: str, destination: Path, bucket: Bucket, settings: Settings) -> SourceRejected:
    """How a fetch of this URL ends. It leaves nothing of the source."""
    with pytest.raises(SourceRejected) as raised:
        fetch(url, destination / "source.mp4", bucket, settings)
    assert list(destination.glob("source*")) == []
    return raised.value
