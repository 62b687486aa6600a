"""Releases that nobody plays are deleted, each by itself; what is played never is."""

from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.errors import StorageUnavailable
from nightreel.housekeeping.releases import TitleRelease, delete_superseded, delete_unknown
from nightreel.one_by_one import NotAllDone, try_each
from nightreel.releases.inventory import list_releases
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket
from nightreel.storage.client import client_from_settings
from nightreel.vocabulary.layout import flat_prefix, release_prefix, title_prefix, track_prefix
from nightreel.vocabulary.tracks import track_id
from tests.catalog.conftest import LEASE, Database
from tests.housekeeping.conftest import keys, published_twice
from tests.releases.test_withdrawal import publish_release, put_manifests, put_release

NONE = timedelta(0)
NOW = timedelta(seconds=-5)
"""An age that everything has reached, though the clock of the store may be a little off."""
FORGOTTEN = "20260101T000000-00000001"


def test_one_release_that_is_in_use_holds_up_no_other(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    first, in_use, _ = published_twice(catalog, database, bucket, 1)
    second, old, new = published_twice(catalog, database, bucket, 2)
    put_manifests(bucket, first, in_use)
    assert delete_superseded(catalog, bucket, NONE) == [TitleRelease(second, old)]
    assert in_use in list_releases(bucket, first)
    assert list_releases(bucket, second) == [new]


def test_one_release_that_the_bucket_does_not_give_up_holds_up_no_other_and_is_named(
    catalog: Catalog, database: Database, bucket: Bucket, bucket_settings: Settings
) -> None:
    first, stuck, _ = published_twice(catalog, database, bucket, 1)
    second, _, new = published_twice(catalog, database, bucket, 2)

    class Stuck(Bucket):
        def list(self, prefix):  # type: ignore[no-untyped-def]
            if prefix == release_prefix(first, stuck):
                raise StorageUnavailable("the service is gone")
            return super().list(prefix)

    stuck_bucket = Stuck(client_from_settings(bucket_settings), bucket.name, bucket.public_url)
    with pytest.raises(NotAllDone, match=f"{first}/{stuck}: the service is gone"):
        delete_superseded(catalog, stuck_bucket, NONE)
    assert list_releases(bucket, second) == [new]
    assert delete_superseded(catalog, bucket, NONE) == [TitleRelease(first, stuck)]


def test_a_service_that_is_away_is_not_asked_once_for_every_thing() -> None:
    asked = []

    def ask(number: int) -> None:
        asked.append(number)
        if number != 1:
            raise StorageUnavailable("away")

    with pytest.raises(NotAllDone, match="2: away; 3: away; 4: away; the rest was left"):
        try_each(range(1, 1000), ask)
    assert asked == [1, 2, 3, 4]


def test_a_release_that_was_uploaded_and_forgotten_is_deleted_and_nothing_else(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    title, superseded, current = published_twice(catalog, database, bucket, 1)
    others = [
        f"{title_prefix(title)}notes/read.me",
        f"{title_prefix(title)}20269999T999999-00000001/no-date",
        f"{title_prefix(title)}releases/20269999T999999-00000001/no-date",
        f"{title_prefix(title)}releases/notes/read.me",
        f"{title_prefix(title)}releases/{FORGOTTEN}",
        f"{title_prefix(title)}tracks/360p-20269999T999999-00000001/no-date",
        f"{title_prefix(title)}tracks/poster-{FORGOTTEN}/read.me",
        f"{title_prefix(title)}tracks/{FORGOTTEN}/read.me",
        f"backups/{release_prefix(title, FORGOTTEN)}film.mp4",
        "hls/readme.txt",
        "hls/a-film/20260101T000000-00000001/other.m3u8",
        "hls/movies/not.an.id/20260101T000000-00000001/other.m3u8",
    ]
    for key in others:
        bucket.put_bytes(key, b".", "text/plain", "no-store")
    before = keys(bucket)
    put_release(bucket, title, FORGOTTEN)
    assert delete_unknown(catalog, bucket, NOW) == [TitleRelease(title, FORGOTTEN)]
    assert keys(bucket) == before
    assert {superseded, current} < set(list_releases(bucket, title))
    assert delete_unknown(catalog, bucket, NOW) == []


def test_a_flat_release_that_was_uploaded_and_forgotten_is_deleted_and_nothing_else(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    title, *_ = published_twice(catalog, database, bucket, 1)
    before = keys(bucket)
    for name in ("master.m3u8", "stream_360p_000.m4s"):
        bucket.put_bytes(flat_prefix(title, FORGOTTEN) + name, b".", "text/plain", "no-store")
    assert delete_unknown(catalog, bucket, NOW) == [TitleRelease(title, FORGOTTEN)]
    assert keys(bucket) == before
    assert delete_unknown(catalog, bucket, NOW) == []


def test_tracks_of_a_run_that_never_came_to_a_release_are_deleted(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    title, *_ = published_twice(catalog, database, bucket, 1)
    before = keys(bucket)
    for rendition in ("360p", "audio_en"):
        place = track_prefix(title, track_id(rendition, FORGOTTEN))
        bucket.put_bytes(f"{place}file", b".", "text/plain", "no-store")
    assert delete_unknown(catalog, bucket, NOW) == [TitleRelease(title, FORGOTTEN)]
    assert keys(bucket) == before
    assert delete_unknown(catalog, bucket, NOW) == []


def test_tracks_that_outlive_their_release_within_a_later_one_are_no_forgotten_release(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    title = database.add_movie(1)
    first = publish_release(catalog, bucket, title, "run-1").release
    shared = {"360p": track_id("360p", first)}
    second = publish_release(catalog, bucket, title, "run-2", shared).release
    assert delete_superseded(catalog, bucket, NOW) == [TitleRelease(title, first)]
    catalog.releases.forget(NOW)
    before = keys(bucket)
    assert first in list_releases(bucket, title)
    assert delete_unknown(catalog, bucket, NOW) == []
    assert keys(bucket) == before
    publish_release(catalog, bucket, title, "run-3")
    assert delete_superseded(catalog, bucket, NOW) == [TitleRelease(title, second)]
    assert list_releases(bucket, title) == [catalog.titles.status()[0].release]


def test_what_was_uploaded_lately_may_still_be_anybodys(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    title, *_ = published_twice(catalog, database, bucket, 1)
    put_release(bucket, title, FORGOTTEN)
    assert delete_unknown(catalog, bucket, timedelta(hours=1)) == []
    assert FORGOTTEN in list_releases(bucket, title)


def test_a_release_that_is_being_made_is_known_however_old_it_is(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    title = database.add_movie(1)
    claim = catalog.claims.one(title, "run-1", LEASE)
    assert isinstance(claim, Claim)
    put_release(bucket, title, claim.release)
    assert delete_unknown(catalog, bucket, NOW) == []
    catalog.verdicts.fail(claim, "run_ended", "It ended.")
    assert delete_unknown(catalog, bucket, NOW) == [TitleRelease(title, claim.release)]


def test_a_release_that_a_stable_manifest_names_stays_though_nobody_knows_it(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    title, *_ = published_twice(catalog, database, bucket, 1)
    put_release(bucket, title, FORGOTTEN)
    put_manifests(bucket, title, FORGOTTEN)
    assert delete_unknown(catalog, bucket, NOW) == []
    assert FORGOTTEN in list_releases(bucket, title)


def test_of_a_title_that_this_catalog_never_converted_nothing_is_deleted(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    put_release(bucket, database.add_movie(1), FORGOTTEN)
    assert delete_unknown(catalog, bucket, NOW) == []
    assert keys(bucket)


def test_a_big_bucket_is_looked_through_a_part_at_a_time_and_then_from_the_start_again(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    titles = [published_twice(catalog, database, bucket, number)[0] for number in (1, 2, 3)]

    def forget() -> None:
        for title in titles:
            put_release(bucket, title, FORGOTTEN)

    forget()
    gone = [delete_unknown(catalog, bucket, NOW, most_titles=2) for _ in range(2)]
    assert [[each.title for each in part] for part in gone] == [titles[:2], titles[2:]]
    forget()
    assert [each.title for each in delete_unknown(catalog, bucket, NOW, most_titles=2)] == titles[:2]
