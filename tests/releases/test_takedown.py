"""Taking a title down: manifests, then files, then caches; what failed is told, and repeated."""

from collections.abc import Iterator

import pytest

from nightreel.catalog import Catalog
from nightreel.cloudflare import Cloudflare
from nightreel.errors import StorageUnavailable
from nightreel.releases.takedown import cached_prefixes, public_urls, purge, purge_what_is_due, take_down
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import Database
from tests.cloudflare_server import TOKEN, ZONE, CloudflareServer, cloudflare_server, refusal
from tests.releases.test_withdrawal import WatchedBucket, publish_release

REFUSAL = refusal(403, 10000, "Authentication error")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudflareServer]:
    with cloudflare_server() as server:
        monkeypatch.setattr("nightreel.cloudflare.API", server.api)
        yield server


@pytest.fixture
def cloudflare(server: CloudflareServer) -> Cloudflare:
    return Cloudflare(ZONE, TOKEN, lambda _: None)


@pytest.fixture
def title(catalog: Catalog, database: Database, bucket: Bucket) -> Title:
    """Published twice, so that caches have two releases of it."""
    title = database.add_movie(1)
    publish_release(catalog, bucket, title, "run-1")
    publish_release(catalog, bucket, title, "run-2")
    return title


def covered(urls: list[str], prefixes: list[str]) -> bool:
    """Whether a purge of these prefixes reaches all of these URLs."""
    return all(any(f"{url.split('://')[1]}/".startswith(f"{each}/") for each in prefixes) for url in urls)


def test_all_that_was_ever_published_is_purged_after_it_has_left_the_bucket(
    catalog: Catalog, bucket: Bucket, title: Title, cloudflare: Cloudflare, server: CloudflareServer
) -> None:
    urls = public_urls(bucket, title)
    assert len(urls) == 12
    left: list[list[str]] = []

    class Watched(Cloudflare):
        def purge(self, prefixes: object) -> None:
            left.append(public_urls(bucket, title))
            super().purge(prefixes)  # type: ignore[arg-type]

    count, caches = take_down(catalog, bucket, title, Watched(ZONE, TOKEN))
    assert (count, caches.purged, left) == (10, True, [[]])
    assert covered(urls, server.purged)
    assert not covered([bucket.public_url_of("hls/movies/10/master.m3u8")], server.purged)
    assert catalog.purges.due() == {}


def test_a_purge_that_failed_is_told_and_can_be_repeated(
    catalog: Catalog, bucket: Bucket, title: Title, cloudflare: Cloudflare, server: CloudflareServer
) -> None:
    urls = public_urls(bucket, title)
    server.next_answers = [REFUSAL]
    _, caches = take_down(catalog, bucket, title, cloudflare)
    assert not caches.purged
    assert "Authentication error (code 10000)" in caches.sentence
    assert public_urls(bucket, title) == []
    assert list(catalog.purges.due()) == [title]
    assert purge(catalog, bucket, title, cloudflare).purged
    assert covered(urls, server.purged)
    assert catalog.purges.due() == {}


def test_housekeeping_repeats_a_purge_until_it_has_succeeded(
    catalog: Catalog, bucket: Bucket, title: Title, cloudflare: Cloudflare, server: CloudflareServer
) -> None:
    take_down(catalog, bucket, title, None)
    assert purge_what_is_due(catalog, bucket, None) == []
    server.next_answers = [REFUSAL]
    assert purge_what_is_due(catalog, bucket, cloudflare) == []
    assert purge_what_is_due(catalog, bucket, cloudflare) == [title]
    assert purge_what_is_due(catalog, bucket, cloudflare) == []
    assert covered([bucket.public_url_of(title_prefix(title) + MASTER)], server.purged)


def test_nothing_is_purged_by_housekeeping_of_which_files_are_left(
    catalog: Catalog,
    bucket: Bucket,
    bucket_settings: Settings,
    database: Database,
    title: Title,
    cloudflare: Cloudflare,
    server: CloudflareServer,
) -> None:
    stopped = WatchedBucket(bucket_settings, bucket, database, title, stop_after=3)
    with pytest.raises(StorageUnavailable):
        take_down(catalog, stopped.open(), title, cloudflare)
    assert server.calls == []
    assert purge_what_is_due(catalog, bucket, cloudflare) == []
    assert list(catalog.purges.due()) == [title]
    take_down(catalog, bucket, title, cloudflare)
    assert catalog.purges.due() == {}


def test_a_withdrawal_during_a_purge_leaves_another_one_due(
    catalog: Catalog, bucket: Bucket, title: Title, server: CloudflareServer
) -> None:
    class Slow(Cloudflare):
        def purge(self, prefixes: object) -> None:
            catalog.verdicts.requeue(title)
            catalog.withdrawals.withdraw(title)

    take_down(catalog, bucket, title, Slow(ZONE, TOKEN))
    assert list(catalog.purges.due()) == [title]


def test_without_a_token_it_is_said_how_to_purge(catalog: Catalog, bucket: Bucket, title: Title) -> None:
    _, caches = take_down(catalog, bucket, title, None)
    assert "for a year" in caches.sentence
    assert "NIGHTREEL_CLOUDFLARE_API_TOKEN" in caches.sentence
    assert caches.prefixes == cached_prefixes(catalog, bucket, title)
    assert len(caches.prefixes) == 6


def test_what_caches_may_hold_of_a_title_is_its_manifests_its_folders_and_its_flat_releases(
    catalog: Catalog, bucket: Bucket, title: Title
) -> None:
    host_and_path = f"{bucket.public_url}/{title_prefix(title)}".partition("://")[2]
    flat = catalog.releases.ever(title)
    assert len(flat) == 2
    expected = ["master.m3u8", "manifest.mpd", "releases", "tracks", *flat]
    assert cached_prefixes(catalog, bucket, title) == tuple(host_and_path + each for each in expected)
