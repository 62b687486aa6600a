"""Sources that came through the web app stay as long as anything names them."""

from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.catalog.uploads import Announcement, Cut
from nightreel.housekeeping.uploads import delete_unnamed
from nightreel.sources.intake import new_source_key
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.prefixes import UPLOADS
from tests.catalog.conftest import LEASE, Database
from tests.housekeeping.conftest import keys
from tests.releases.test_withdrawal import publish_release

NONE = timedelta(0)
WEEK = timedelta(days=7)
SHARE = 0.1


def put(bucket: Bucket, key: str = "") -> str:
    key = key or new_source_key(".mp4")
    bucket.put_bytes(key, b".", "video/mp4", "no-cache")
    return key


def keep_house(catalog: Catalog, bucket: Bucket) -> list[str]:
    return delete_unnamed(catalog, bucket, NONE, SHARE)


@pytest.mark.parametrize(
    "url",
    ["{key}", "https://media.example/{key}?token=1#t=3", "s3://media/{key}", "https://m.example/{encoded}"],
)
def test_a_source_that_a_row_names_is_never_touched(
    catalog: Catalog, database: Database, bucket: Bucket, url: str
) -> None:
    key = put(bucket)
    database.add_movie(1, url.format(key=key, encoded=key.replace("/", "%2F")))
    assert keep_house(catalog, bucket) == []
    assert keys(bucket) == {key}


def test_one_that_no_row_names_goes_after_its_grace_and_nothing_else(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    named, unnamed = put(bucket), put(bucket)
    database.add_movie(1, bucket.public_url_of(named))
    others = {
        put(bucket, key) for key in (f"{UPLOADS}notes.txt", f"{UPLOADS}deep/{'a' * 32}", "sources/1.mp4")
    }
    assert delete_unnamed(catalog, bucket, WEEK, SHARE) == []
    database.query("UPDATE nightreel.leftovers SET found_at = now() - interval '8 days'")
    assert delete_unnamed(catalog, bucket, WEEK, SHARE) == [unnamed]
    assert keys(bucket) == {named, *others}
    assert delete_unnamed(catalog, bucket, WEEK, SHARE) == []
    assert catalog.leftovers.found("unnamed_upload") == []


def test_one_that_is_named_again_in_time_begins_a_new_grace_period(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    key = put(bucket)
    delete_unnamed(catalog, bucket, WEEK, SHARE)
    database.query("UPDATE nightreel.leftovers SET found_at = now() - interval '8 days'")
    database.add_movie(1, key)
    delete_unnamed(catalog, bucket, WEEK, SHARE)
    database.query("UPDATE movies SET video_url = 'another.mp4'")
    assert delete_unnamed(catalog, bucket, WEEK, SHARE) == []


def test_a_file_whose_upload_is_not_concluded_is_left_to_it(catalog: Catalog, bucket: Bucket) -> None:
    key = put(bucket)
    upload = catalog.uploads.begin(Announcement("key one", None, "New", "movie", None), Cut(1), key, "id")
    assert keep_house(catalog, bucket) == []
    catalog.uploads.finish(upload, 1)
    assert keep_house(catalog, bucket) == []
    assert catalog.uploads.forget_untouched("finished", NONE) == 1
    assert keep_house(catalog, bucket) == [key]


def test_the_source_of_a_run_and_of_what_is_published_stays_though_the_row_names_another(
    catalog: Catalog, database: Database, bucket: Bucket
) -> None:
    first, second = put(bucket), put(bucket)
    made, running = database.add_movie(1, first), database.add_movie(2, second)
    publish_release(catalog, bucket, made, "run-1")
    assert isinstance(catalog.claims.one(running, "run-2", LEASE), Claim)
    database.query("UPDATE movies SET video_url = 'another.mp4'")
    assert keep_house(catalog, bucket) == []
    publish_release(catalog, bucket, made, "run-3")
    assert keep_house(catalog, bucket) == [first]


def test_a_mapping_or_a_table_that_is_wrong_deletes_no_source(
    catalog: Catalog, database: Database, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    sources = {put(bucket) for _ in range(4)}
    for number, key in enumerate(sorted(sources), 1):
        database.add_movie(number, key)
    assert keep_house(catalog, bucket) == []
    database.query("UPDATE movies SET video_url = NULL")
    for _ in range(2):
        assert keep_house(catalog, bucket) == []
    assert "4 of 4 at once is more than NIGHTREEL_ORPHAN_SHARE" in caplog.text
    assert keys(bucket) == sources
    assert delete_unnamed(catalog, bucket, NONE, 1.0) == sorted(sources)


def test_a_table_that_lost_all_its_rows_deletes_no_source(
    catalog: Catalog, database: Database, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    key = put(bucket)
    title = database.add_movie(1, key)
    claim = catalog.claims.one(title, "run-1", LEASE)
    assert isinstance(claim, Claim)
    catalog.verdicts.fail(claim, "run_ended", "It ended.")
    database.query("DELETE FROM movies")
    assert delete_unnamed(catalog, bucket, NONE, 1.0) == []
    assert "a table no longer has any rows (movies)" in caplog.text
    assert keys(bucket) == {key}
