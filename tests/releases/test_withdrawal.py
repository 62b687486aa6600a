"""A title is withdrawn: at no moment does anything that viewers are sent to lead to what is gone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.errors import StorageUnavailable, TitleNotFound
from nightreel.releases.deletion import ReleaseInUse, delete_release
from nightreel.releases.publish import restore_manifests
from nightreel.releases.references import placed
from nightreel.releases.withdrawal import TitleInWork, finish_withdrawals, withdraw
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from nightreel.storage.fenced import Ask, FencedObject
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.release import MASTER, MPD, POSTER
from nightreel.vocabulary.release_manifest import ReleaseManifest
from nightreel.vocabulary.title import Title
from nightreel.vocabulary.tracks import STILLS, track_id
from tests.catalog.conftest import LEASE, RESULT, Database, scanned
from tests.fixtures_object_store import unasked
from tests.releases.followed import named_by

SOURCE = "movies/1.mp4"
UNSHARED: Mapping[str, str] = {}
MASTER_TEXT = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nstream_360p.m3u8\n"
MPD_TEXT = (
    '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet><Representation>'
    '<SegmentTemplate initialization="stream_360p_init.mp4" media="stream_360p_init.mp4"/>'
    "</Representation></AdaptationSet></Period></MPD>"
)


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
        """The keys behind the URLs in both tables, and all that the stable manifests name."""
        user = self.database.query("SELECT hls_url, dash_url, thumbnail_url FROM movies")
        own = self.database.query("SELECT hls_url, dash_url, poster_url FROM nightreel.conversions")
        for url in {url for row in (*user, *own) for url in row.values() if url}:
            yield url.removeprefix(f"{self.settings.r2_public_url}/")
        for name in (MASTER, MPD):
            key = title_prefix(self.title) + name
            content = self.plain.get_bytes(key)
            if content is not None:
                named = named_by(key, content.decode())
                assert named
                yield from named

    def listing(self) -> list[str]:
        return [item.key for item in self.plain.list("")]


def publish_release(
    catalog: Catalog, bucket: Bucket, title: Title, run_id: str, shared: Mapping[str, str] = UNSHARED
) -> Claim:
    """A release of five files, published as the tasks do it; `shared` are tracks that are there already."""
    claim = catalog.claims.one(title, run_id, LEASE, force=True)
    assert isinstance(claim, Claim)
    manifest = put_release(bucket, title, claim.release, shared)
    with catalog.publications.holding(claim, manifest.tracks.values()) as publication:
        put_manifests(bucket, title, claim.release)
        prefix = title_prefix(title)
        publication.complete(
            replace(
                RESULT,
                hls_url=bucket.public_url_of(prefix + MASTER),
                dash_url=bucket.public_url_of(prefix + MPD),
                poster_url=bucket.public_url_of(manifest.key_of(POSTER)),
            )
        )
    return claim


def put_release(
    bucket: Bucket, title: Title, release: str, shared: Mapping[str, str] = UNSHARED
) -> ReleaseManifest:
    """A release's manifests, and those of its tracks that are not shared with another."""
    own = {rendition: track_id(rendition, release) for rendition in ("360p", STILLS)}
    manifest = ReleaseManifest(
        release=release,
        content_type=title.content_type,
        content_id=title.content_id,
        files=(),
        tracks={**own, **shared},
        plan={},
        tools={},
        checks={},
    )
    files = {"360p": ["stream_360p.m3u8", "stream_360p_init.mp4"], STILLS: [POSTER]}
    for name in (name for rendition in own if rendition not in shared for name in files[rendition]):
        bucket.put_bytes(manifest.key_of(name), b"x", "text/plain", "no-store")
    for name, text in ((MASTER, MASTER_TEXT), (MPD, MPD_TEXT)):
        content = placed(name, text, manifest).encode()
        bucket.put_bytes(manifest.key_of(name), content, "text/plain", "no-store")
    return manifest


def put_manifests(bucket: Bucket, title: Title, release: str) -> None:
    """The stable manifests lead to this release, whoever else is published."""
    restore_manifests(bucket, title, release, unasked)


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
    # Three releases of five files each; the two manifests are not counted as a release's.
    assert withdraw(catalog, watched.open(), watched.title) == 15
    assert watched.deletions == 17
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


@pytest.mark.parametrize("stop", [0, 1, 2, 6, 12])
def test_housekeeping_finishes_a_withdrawal_that_was_stopped(
    watched: WatchedBucket, catalog: Catalog, stop: int
) -> None:
    watched.stop_after = stop
    with pytest.raises(StorageUnavailable):
        withdraw(catalog, watched.open(), watched.title)
    watched.stop_after = None
    assert finish_withdrawals(catalog, watched.open()) == [watched.title]
    assert watched.listing() == OTHERS
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
        delete_release(catalog, watched.plain, watched.title, new.release)
    for _, release in catalog.releases.superseded(timedelta(0)):
        delete_release(catalog, watched.open(), watched.title, release)
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
