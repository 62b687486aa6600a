from collections.abc import Callable
from typing import Any

import pytest

from nightreel.catalog import Catalog, CatalogMapping, Claim
from nightreel.catalog.backlog import ANY_SIZE, Allowed, unconverted
from nightreel.catalog.connection import transaction
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import PAST, Database, publish, scanned

Claimed = Callable[..., Claim]


def test_a_title_without_a_release_is_unconverted(catalog: Catalog, database: Database) -> None:
    database.add_movie(1)
    (row,) = catalog.backlog.unconverted(10)
    assert row.title == Title("movie", "1")
    assert (row.name, row.video_url) == ("Movie 1", "movies/1.mp4")


def test_a_published_title_is_unconverted_again_when_its_url_changes(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    publish(catalog, claimed(database.add_movie(1)))
    assert scanned(catalog) == []
    database.query("UPDATE movies SET video_url = 'movies/1-better.mp4'")
    assert scanned(catalog) == ["movie 1"]


def test_a_new_file_behind_the_same_url_counts_as_a_changed_source(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    publish(catalog, claimed(title))
    database.query("UPDATE movies SET title = 'Another name'")
    assert scanned(catalog) == []
    catalog.titles.add(title, "Another name", "movies/1.mp4")
    assert scanned(catalog) == ["movie 1"]


def test_the_time_zone_of_the_session_changes_no_version(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    publish(catalog, claimed(database.add_movie(1)))
    name = database.dsn.partition("?")[0].rpartition("/")[2]
    database.query(f"ALTER DATABASE {name} SET timezone = 'Asia/Tokyo'")
    database.query(f"ALTER DATABASE {name} SET datestyle = 'German'")
    assert scanned(catalog) == []


def test_a_users_trigger_that_touches_the_row_on_publishing_is_no_changed_source(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    database.query(
        "CREATE TRIGGER touch BEFORE UPDATE ON movies FOR EACH ROW EXECUTE FUNCTION source_was_updated()"
    )
    publish(catalog, claimed(database.add_movie(1)))
    assert scanned(catalog) == []


def test_a_source_that_changes_while_it_is_converted_is_converted_again(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    claim = claimed(title)
    catalog.titles.add(title, "Movie 1", "movies/1.mp4")
    publish(catalog, claim)
    assert scanned(catalog) == ["movie 1"]


def test_a_version_column_that_is_mapped_later_converts_nothing_again(
    catalog: Catalog, database: Database, mapping: CatalogMapping
) -> None:
    content = mapping.model_dump()
    content["content_types"]["movie"]["columns"]["source_version"] = None
    before = Catalog.from_dsn(database.dsn, CatalogMapping.model_validate(content))
    (claim,) = before.claims.of_night([database.add_movie(1)], "run", -PAST)
    publish(before, claim)
    assert scanned(catalog) == []


def test_a_claimed_title_is_left_alone_until_its_lease_runs_out(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    assert scanned(catalog) == []
    catalog.leases.renew(claim, PAST)
    assert scanned(catalog) == ["movie 1"]


def test_a_quarantined_title_is_left_alone_until_its_source_changes(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    catalog.verdicts.quarantine(claimed(database.add_movie(1)), "no_video", "It has no picture.")
    assert scanned(catalog) == []
    database.query("UPDATE movies SET video_url = 'movies/1-repaired.mp4'")
    assert scanned(catalog) == ["movie 1"]


def test_a_failed_title_is_tried_again_until_its_source_failed_too_often(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    title = database.add_movie(1)
    for _ in range(5):
        assert scanned(catalog) == ["movie 1"]
        catalog.verdicts.fail(claimed(title), "encoder", "It broke.")
    assert scanned(catalog) == []
    assert scanned_with(catalog, max_attempts=6) == ["movie 1"]

    database.query("UPDATE movies SET video_url = 'movies/1-repaired.mp4'")
    assert scanned(catalog) == ["movie 1"]
    assert claimed(title).attempt == 1


def scanned_with(catalog: Catalog, max_attempts: int) -> list[str]:
    return [str(row.title) for row in catalog.backlog.unconverted(10, max_attempts=max_attempts)]


def test_the_oldest_come_first_over_all_content_types(catalog: Catalog, database: Database) -> None:
    database.add_movie(1, created_at="2026-03-01")
    database.add_movie(2, created_at="2026-01-01")
    database.query(
        "INSERT INTO episodes (id, title, video_url, created_at) VALUES (9, 'E', 'e.mp4', '2026-02-01')"
    )
    assert scanned(catalog) == ["movie 2", "episode 9", "movie 1"]
    assert scanned(catalog, limit=2) == ["movie 2", "episode 9"]


def test_without_an_age_the_content_types_take_turns(
    catalog: Catalog, database: Database, mapping: CatalogMapping
) -> None:
    content = mapping.model_dump()
    content["content_types"]["movie"]["order_by"] = "title"
    catalog = Catalog.from_dsn(database.dsn, CatalogMapping.model_validate(content))
    database.query("INSERT INTO movies (id, title, video_url) VALUES (1, 'B', 'x'), (2, 'A', 'x')")
    database.query("INSERT INTO episodes (id, title, video_url) VALUES (1, 'E', 'x')")
    assert scanned(catalog) == ["movie 2", "episode 1", "movie 1"]


@pytest.mark.parametrize("url", [None, "", "  "])
def test_rows_without_a_url_take_no_place(catalog: Catalog, database: Database, url: str | None) -> None:
    database.add_movie(1, url=url, created_at="2020-01-01")
    database.add_movie(2)
    assert scanned(catalog, limit=1) == scanned(catalog, limit=2) == ["movie 2"]


def test_rows_with_a_malformed_id_take_no_place(database: Database, catalog: Catalog) -> None:
    database.query("CREATE TABLE films AS SELECT '../etc' AS id, 'T' AS title, 'x.mp4' AS video_url")
    database.query("INSERT INTO films VALUES ('ok', 'T', 'x.mp4'), (NULL, 'T', 'x.mp4')")
    columns = {"id": "id", "title": "title", "video_url": "video_url"}
    films = CatalogMapping.model_validate({"content_types": {"film": {"table": "films", "columns": columns}}})
    assert scanned(Catalog.from_dsn(database.dsn, films)) == ["film ok"]


def test_a_finished_title_whose_source_was_removed_is_not_reported(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    publish(catalog, claimed(database.add_movie(1)))
    database.query("UPDATE movies SET video_url = NULL")
    assert scanned(catalog) == []


def test_size_and_length_are_read_where_the_table_has_them(database: Database, catalog: Catalog) -> None:
    database.query("ALTER TABLE movies ADD size bigint, ADD seconds numeric")
    content = catalog.mapping.model_dump()
    content["content_types"]["movie"]["columns"] |= {"source_bytes": "size", "source_duration": "seconds"}
    database.add_movie(1)
    database.query("UPDATE movies SET size = 5000000000, seconds = 61.5")
    catalog = Catalog.from_dsn(database.dsn, CatalogMapping.model_validate(content))
    catalog.schema.check_mapping()
    (row,) = catalog.backlog.unconverted(1)
    assert (row.source_bytes, row.source_duration) == (5_000_000_000, 61.5)


@pytest.mark.parametrize("absurd", ["NaN", "Infinity", "-1e400", "1e400"])
def test_an_absurd_size_or_length_is_unknown_and_ends_no_scan(
    database: Database, catalog: Catalog, absurd: str
) -> None:
    database.query("ALTER TABLE movies ADD size numeric, ADD seconds numeric")
    content = catalog.mapping.model_dump()
    content["content_types"]["movie"]["columns"] |= {"source_bytes": "size", "source_duration": "seconds"}
    database.add_movie(1)
    database.query("UPDATE movies SET size = %s, seconds = %s", absurd, absurd)
    (row,) = Catalog.from_dsn(database.dsn, CatalogMapping.model_validate(content)).backlog.unconverted(1)
    assert (row.source_bytes, row.source_duration) == (None, None)


def test_among_many_converted_titles_only_the_unconverted_are_found(
    catalog: Catalog, database: Database
) -> None:
    fill_with_converted(database, 100_000)
    database.query("DELETE FROM nightreel.conversions WHERE content_id IN ('500', '99999')")
    database.query("UPDATE movies SET video_url = 'new.mp4' WHERE id = 70000")
    assert sorted(scanned(catalog)) == ["movie 500", "movie 70000", "movie 99999"]


def test_nothing_but_the_backlog_is_sorted_however_long_the_table(
    catalog: Catalog, database: Database, mapping: CatalogMapping
) -> None:
    fill_with_converted(database, 20_000)
    movies = mapping.model_copy(update={"content_types": {"movie": mapping.table_of("movie")}})
    with transaction(catalog._connect) as cursor:
        # Nothing is found, so that this is the last statement.
        assert unconverted(cursor, movies, 10, Allowed(5, ANY_SIZE)) == []
        cursor.execute(b"EXPLAIN (FORMAT JSON) " + cursor.query)
        (row,) = cursor.fetchall()
    sorted_from = [
        [child["Node Type"] for child in node["Plans"]]
        for node in nodes_of(row["QUERY PLAN"][0]["Plan"])
        if "Sort" in node["Node Type"]
    ]
    assert sorted_from == [["CTE Scan"]]


def nodes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes that every scan comes through: what asks after refused ids has few of them to read."""
    below = [child for child in plan.get("Plans", ()) if child["Parent Relationship"] != "SubPlan"]
    return [plan, *(node for child in below for node in nodes_of(child))]


def fill_with_converted(database: Database, count: int) -> None:
    database.query(
        "INSERT INTO movies (id, title, video_url) SELECT n, 'T', n || '.mp4' FROM generate_series(1, %s) n",
        count,
    )
    database.query(
        "INSERT INTO nightreel.conversions (content_type, content_id, state, source_url, release)"
        " SELECT 'movie', id, 'published', video_url, '20260101T000000-00000000' FROM movies"
    )
    database.query("ANALYZE movies; ANALYZE nightreel.conversions")
