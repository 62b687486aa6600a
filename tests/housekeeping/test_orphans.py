"""What is published of a title whose row is gone."""

import logging
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.catalog.withdrawal import Withdrawals
from nightreel.housekeeping.orphans import find_orphans
from nightreel.storage.bucket import Bucket
from nightreel.vocabulary.layout import title_prefix
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, Database
from tests.housekeeping.conftest import keys
from tests.releases.test_withdrawal import publish_release

NONE = timedelta(0)
WEEK = timedelta(days=7)
SHARE = 0.1


@pytest.fixture
def titles(catalog: Catalog, database: Database, bucket: Bucket) -> list[Title]:
    titles = [database.add_movie(number) for number in range(1, 6)]
    for title in titles:
        publish_release(catalog, bucket, title, "run-1")
    return titles


def lose(database: Database, *titles: Title) -> None:
    for title in titles:
        database.query("DELETE FROM movies WHERE id = %s", title.content_id)


def told(database: Database) -> list[dict[str, object]]:
    rows = database.query("SELECT payload FROM nightreel.events WHERE kind = 'titles_orphaned'")
    return [row["payload"] for row in rows]


def found(catalog: Catalog) -> list[Title]:
    return [orphan.title for orphan in catalog.orphans.found()]


def test_a_published_title_without_a_row_is_told_once_and_goes_on_playing(
    catalog: Catalog,
    database: Database,
    bucket: Bucket,
    titles: list[Title],
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = keys(bucket)
    assert find_orphans(catalog, bucket, None, SHARE, "house-1") == []
    assert told(database) == []
    lose(database, titles[0])
    with caplog.at_level(logging.WARNING):
        for run in ("house-1", "house-2"):
            assert find_orphans(catalog, bucket, None, SHARE, run) == []
    assert "their rows are gone: movie 1" in caplog.text
    assert found(catalog) == [titles[0]]
    assert keys(bucket) == before
    assert told(database) == [
        {
            "job_id": "house-1",
            "count": 1,
            "titles": [{"content_type": "movie", "content_id": "1"}],
            "deleted_after_seconds": None,
            "kept_because": None,
        }
    ]


def test_it_is_deleted_when_its_grace_period_is_over_and_not_before(
    catalog: Catalog, database: Database, bucket: Bucket, titles: list[Title]
) -> None:
    lose(database, titles[0])
    assert find_orphans(catalog, bucket, WEEK, SHARE, "house-1") == []
    database.query("UPDATE nightreel.leftovers SET found_at = now() - interval '8 days'")
    assert find_orphans(catalog, bucket, WEEK, SHARE, "house-2") == [titles[0]]
    assert [key for key in keys(bucket) if key.startswith(title_prefix(titles[0]))] == []
    assert [key for key in keys(bucket) if key.startswith(title_prefix(titles[1]))] != []
    assert find_orphans(catalog, bucket, WEEK, SHARE, "house-3") == []
    assert found(catalog) == []


def test_a_row_that_comes_back_in_time_keeps_its_title_and_later_begins_a_new_grace_period(
    catalog: Catalog, database: Database, bucket: Bucket, titles: list[Title]
) -> None:
    lose(database, titles[0])
    find_orphans(catalog, bucket, WEEK, SHARE, "house-1")
    database.query("UPDATE nightreel.leftovers SET found_at = now() - interval '8 days'")
    database.add_movie(1)
    assert find_orphans(catalog, bucket, WEEK, SHARE, "house-2") == []
    assert found(catalog) == []
    lose(database, titles[0])
    assert find_orphans(catalog, bucket, WEEK, SHARE, "house-3") == []
    assert found(catalog) == [titles[0]]


def test_a_row_that_comes_back_after_all_is_converted_again(
    catalog: Catalog, database: Database, bucket: Bucket, titles: list[Title]
) -> None:
    lose(database, titles[0])
    assert find_orphans(catalog, bucket, NONE, SHARE, "house-1") == [titles[0]]
    database.add_movie(1)
    assert [row.content_id for row in catalog.backlog.unconverted(10)] == ["1"]


def test_a_row_that_comes_back_at_the_last_moment_keeps_its_title(
    catalog: Catalog, database: Database, bucket: Bucket, titles: list[Title]
) -> None:
    lose(database, titles[0])
    before = keys(bucket)

    class Back(Withdrawals):
        def withdraw(self, title, **how):  # type: ignore[no-untyped-def]
            database.add_movie(1)
            return super().withdraw(title, **how)

    late = Catalog(catalog._connect, catalog.mapping)
    late.withdrawals = Back(catalog._connect, catalog.mapping)
    assert find_orphans(late, bucket, NONE, SHARE, "house-1") == []
    assert keys(bucket) == before


def test_a_title_in_work_is_left_to_its_run(
    catalog: Catalog, database: Database, bucket: Bucket, titles: list[Title]
) -> None:
    assert isinstance(catalog.claims.one(titles[0], "run-2", LEASE, force=True), Claim)
    lose(database, *titles[:2])
    assert find_orphans(catalog, bucket, NONE, SHARE, "house-1") == [titles[1]]


def test_a_table_without_rows_deletes_no_title(
    catalog: Catalog,
    database: Database,
    bucket: Bucket,
    titles: list[Title],
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = keys(bucket)
    lose(database, *titles)
    assert find_orphans(catalog, bucket, NONE, 1.0, "house-1") == []
    assert keys(bucket) == before
    assert "the table of movie has no rows at all: nothing of it is deleted" in caplog.text
    assert "no rows at all" in str(told(database)[0]["kept_because"])


def test_more_titles_than_may_lose_their_rows_at_once_are_kept_and_no_time_counts_meanwhile(
    catalog: Catalog,
    database: Database,
    bucket: Bucket,
    titles: list[Title],
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = keys(bucket)
    lose(database, *titles[:4])
    find_orphans(catalog, bucket, WEEK, SHARE, "house-1")
    database.query("UPDATE nightreel.leftovers SET found_at = now() - interval '8 days'")
    assert find_orphans(catalog, bucket, WEEK, SHARE, "house-2") == []
    assert "4 of 5 published titles of movie no longer have a row" in caplog.text
    database.add_movie(1)
    assert find_orphans(catalog, bucket, WEEK, SHARE, "house-3") == []
    assert keys(bucket) == before
    assert find_orphans(catalog, bucket, NONE, SHARE, "house-4") == titles[1:4]


def test_whoever_means_it_raises_the_share(
    catalog: Catalog, database: Database, bucket: Bucket, titles: list[Title]
) -> None:
    lose(database, *titles[:4])
    assert find_orphans(catalog, bucket, NONE, 0.9, "house-1") == titles[:4]


def test_a_table_that_is_not_there_deletes_no_title(
    catalog: Catalog, database: Database, bucket: Bucket, titles: list[Title]
) -> None:
    before = keys(bucket)
    database.query("ALTER TABLE movies RENAME TO films")
    with pytest.raises(Exception, match="movies"):
        find_orphans(catalog, bucket, NONE, 1.0, "house-1")
    assert keys(bucket) == before


def test_a_content_type_that_is_mapped_no_more_is_told_and_deletes_no_title(
    catalog: Catalog,
    database: Database,
    bucket: Bucket,
    titles: list[Title],
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = keys(bucket)
    episodes = {"episode": catalog.mapping.content_types["episode"]}
    less = Catalog(catalog._connect, catalog.mapping.model_copy(update={"content_types": episodes}))
    assert find_orphans(less, bucket, NONE, 1.0, "house-1") == []
    assert keys(bucket) == before
    assert "5 published titles are of the type movie, which the catalog mapping does not name" in caplog.text
