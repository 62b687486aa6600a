"""A title is withdrawn: at no moment does anything that viewers are sent to lead to what is gone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.errors import StorageUnavailable, TitleNotFound
from nightreel.releases.deletion import ReleaseInUse, delete_release
from nightreel.releases.manifests import release_of_master, release_of_mpd
from nightreel.releases.withdrawal import TitleInWork, finish_withdrawals, withdraw
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from nightreel.storage.fenced import Ask, FencedObject
from nightreel.vocabulary.release import MASTER, MPD, POSTER, release_prefix, title_prefix
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, RESULT, Database, scanned

SOURCE = "movies/1.mp4"
MPD_TEXT = "<MPD><BaseURL>{}/</BaseURL></MPD>"


@dataclass
class WatchedBucket:
    """Makes buckets that look, at each deletion, whether what leads somewhere leads to something.

    `stop_after` so many deletions the service is gone, as when the process dies there.
    """

    settings: Settings
    plain: Bucket
    database: Database
    title: Title
    stop_after: int | None = None
    deletions: int = 0

    def open(self) -> Bucket:
        watch = self

        class Watched(Bucket):
            def delete(self, keys: Iterable[str]) -> int:
                count = 0
                for key in keys:
                    if watch.deletions == watch.stop_after:
                        raise StorageUnavailable("the service is gone")
                    count += super().delete([key])
                    watch.deletions += 1
                    watch.look()
                return count

            def fenced(self, key: str, ask: Ask) -> FencedObject:
                found = super().fenced(key, ask)
                # Deleted one by one as the others are, and looked at as they are.
                found.delete = lambda: self.delete([key])  # type: ignore[method-assign]
                return found

        return Watched(
            client_from_settings(self.settings), self.settings.r2_bucket_name, self.settings.r2_public_url
        )

    def look(self) -> None:
        missing = [each for each in self._followed() if self.plain.head(each) is None]
        assert missing == []

    def _followed(self) -> Iterator[str]:
        """The keys behind the URLs in both tables, and one file of each release that a manifest names."""
        user = self.database.query("SELECT hls_url, dash_url, thumbnail_url FROM movies")
        own = self.database.query("SELECT hls_url, dash_url, poster_url FROM nightreel.conversions")
        for url in {url for row in (*user, *own) for url in row.values() if url}:
            yield url.removeprefix(f"{self.settings.r2_public_url}/")
        prefix = title_prefix(self.title)
        for name, release_of in ((MASTER, release_of_master), (MPD, release_of_mpd)):
            content = self.plain.get_bytes(prefix + name)
            if content is not None:
                release = release_of(content.decode())
                assert release is not None
                yield release_prefix(self.title, release) + POSTER

    def listing(self) -> list[str]:
        return [item.key for item in self.plain.list("")]


def publish_release(catalog: Catalog, bucket: Bucket, title: Title, run_id: str) -> Claim:
    """A release of three files, published as the tasks do it."""
    claim = catalog.claims.one(title, run_id, LEASE, force=True)
    assert isinstance(claim, Claim)
    put_release(bucket, title, claim.release)
    with catalog.publications.holding(claim) as publication:
        put_manifests(bucket, title, claim.release)
        prefix = title_prefix(title)
        publication.complete(
            replace(
                RESULT,
                hls_url=bucket.public_url_of(prefix + MASTER),
                dash_url=bucket.public_url_of(prefix + MPD),
                poster_url=bucket.public_url_of(release_prefix(title, claim.release) + POSTER),
            )
        )
    return claim


def put_release(bucket: Bucket, title: Title, release: str) -> None:
    for name in (POSTER, MPD, "stream_360p.m3u8"):
        bucket.put_bytes(release_prefix(title, release) + name, b"x", "text/plain", "no-store")


def put_manifests(bucket: Bucket, title: Title, release: str) -> None:
    for name, text in ((MASTER, f"#EXTM3U\n{release}/stream_360p.m3u8\n"), (MPD, MPD_TEXT.format(release))):
        bucket.put_bytes(title_prefix(title) + name, text.encode(), "text/plain", "no-store")


@pytest.fixture
def watched(bucket_settings: Settings, bucket: Bucket, catalog: Catalog, database: Database) -> WatchedBucket:
    """A title with a superseded release, a current one, and the leftovers of a run that died."""
    title = database.add_movie(1, SOURCE)
    bucket.put_bytes(SOURCE, b"a film", "video/mp4", "no-store")
    bucket.put_bytes("hls/movies/10/master.m3u8", b"another title", "text/plain", "no-store")
    put_release(bucket, title, "20260101T000000-00000000")
    publish_release(catalog, bucket, title, "run-1")
    publish_release(catalog, bucket, title, "run-2")
    watched = WatchedBucket(bucket_settings, bucket, database, title)
    watched.look()
    return watched


OTHERS = ["hls/movies/10/master.m3u8", SOURCE]


def test_nothing_leads_to_what_is_gone_at_any_moment_of_a_withdrawal(
    watched: WatchedBucket, catalog: Catalog
) -> None:
    # Three releases of three files each; the two manifests are not counted as a release's.
    assert withdraw(catalog, watched.open(), watched.title) == 9
    assert watched.deletions == 11
    assert watched.listing() == OTHERS
    assert catalog.withdrawals.unfinished() == []
    assert catalog.releases.known(watched.title) == set()
    assert scanned(catalog) == []


def test_a_withdrawal_that_was_stopped_anywhere_is_finished_by_another(
    watched: WatchedBucket, catalog: Catalog
) -> None:
    # Each gets further by what those before it deleted.
    for stop in range(6):
        watched.stop_after, watched.deletions = stop, 0
        with pytest.raises(StorageUnavailable):
            withdraw(catalog, watched.open(), watched.title)
        watched.look()
    watched.stop_after = None
    withdraw(catalog, watched.open(), watched.title)
    assert watched.listing() == OTHERS


@pytest.mark.parametrize("stop", [0, 1, 2, 6])
def test_housekeeping_finishes_a_withdrawal_that_was_stopped(
    watched: WatchedBucket, catalog: Catalog, stop: int
) -> None:
    watched.stop_after = stop
    with pytest.raises(StorageUnavailable):
        withdraw(catalog, watched.open(), watched.title)
    watched.stop_after = None
    assert finish_withdrawals(catalog, watched.open()) == [watched.title]
    assert [key for key in watched.listing() if "/2026010" not in key] == OTHERS
    assert finish_withdrawals(catalog, watched.open()) == []
    assert catalog.releases.superseded(timedelta(0)) == []


def test_a_withdrawal_is_finished_though_the_title_was_requeued_and_published_meanwhile(
    watched: WatchedBucket, catalog: Catalog
) -> None:
    watched.stop_after = 0
    with pytest.raises(StorageUnavailable):
        withdraw(catalog, watched.open(), watched.title)
    catalog.verdicts.requeue(watched.title)
    new = publish_release(catalog, watched.plain, watched.title, "run-3")
    watched.look()
    watched.stop_after = None
    finish_withdrawals(catalog, watched.open())
    with pytest.raises(ReleaseInUse):
        delete_release(watched.plain, watched.title, new.release)
    for _, release in catalog.releases.superseded(timedelta(0)):
        delete_release(watched.open(), watched.title, release)
    watched.look()


def test_a_title_in_work_is_not_withdrawn(watched: WatchedBucket, catalog: Catalog) -> None:
    catalog.claims.one(watched.title, "run-3", LEASE, force=True)
    before = watched.listing()
    with pytest.raises(TitleInWork, match="claimed by run-3"):
        withdraw(catalog, watched.open(), watched.title)
    assert watched.listing() == before


def test_a_title_that_never_was_is_not_withdrawn(watched: WatchedBucket, catalog: Catalog) -> None:
    with pytest.raises(TitleNotFound):
        withdraw(catalog, watched.open(), Title("movie", "10"))
    assert OTHERS[0] in watched.listing()


def test_rows_are_cleared_before_anything_is_deleted(
    watched: WatchedBucket, catalog: Catalog, database: Database
) -> None:
    before = watched.listing()
    database.query("ALTER TABLE movies ADD CHECK (hls_url IS NOT NULL)")
    with pytest.raises(Exception, match="refused to clear"):
        withdraw(catalog, watched.open(), watched.title)
    assert watched.listing() == before
    watched.look()
