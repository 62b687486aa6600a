"""Releases that nobody plays are deleted, each by itself; what is played never is."""

from datetime import timedelta

import pytest

from nightreel.catalog import Catalog
from nightreel.errors import StorageUnavailable
from nightreel.housekeeping.releases import TitleRelease, delete_superseded
from nightreel.one_by_one import NotAllDone, try_each
from nightreel.release import release_prefix
from nightreel.settings import Settings
from nightreel.storage.bucket import Bucket, client_from_settings
from nightreel.storage.releases import list_releases
from tests.catalog.conftest import Database
from tests.housekeeping.conftest import published_twice
from tests.test_withdrawal import put_manifests

NONE = timedelta(0)


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
