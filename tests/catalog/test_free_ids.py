from uuid import UUID

import pytest

from nightreel.catalog import Catalog, CatalogMapping
from nightreel.catalog.free_ids import consecutive_ids
from nightreel.catalog.uploads import Announcement, Cut
from nightreel.errors import ConfigurationError
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import Database


def test_free_ids_follow_the_largest_number(catalog: Catalog, database: Database) -> None:
    for each in (2, 10, 9):
        database.add_movie(each)
    assert catalog.titles.free_ids("movie", 2) == ["11", "12"]


def test_an_empty_table_begins_at_one(catalog: Catalog) -> None:
    assert catalog.titles.free_ids("movie", 1) == ["1"]


def test_an_id_is_taken_from_the_tables_own_sequence_so_that_the_next_row_gets_another(
    catalog: Catalog, database: Database
) -> None:
    database.query("INSERT INTO movies (title) SELECT 'before' FROM generate_series(1, 3)")
    title = new_title(catalog)
    assert title == Title("movie", "4")
    assert database.row("INSERT INTO movies (title) VALUES ('after') RETURNING id") == {"id": 5}


def test_an_id_that_only_the_database_may_give_is_given(catalog: Catalog, database: Database) -> None:
    database.query("ALTER TABLE movies ALTER id SET GENERATED ALWAYS")
    assert new_title(catalog) == Title("movie", "1")
    catalog.titles.add(Title("movie", "7"), "by hand", "film.mp4")
    assert [row["id"] for row in database.query("SELECT id FROM movies ORDER BY id")] == [1, 7]


def test_a_table_without_a_sequence_goes_by_its_largest_id(catalog: Catalog, database: Database) -> None:
    database.query("ALTER TABLE movies ALTER id DROP IDENTITY")
    database.add_movie(41)
    assert new_title(catalog) == Title("movie", "42")


def test_a_sequence_that_may_not_be_used_is_no_hindrance(
    database: Database, mapping: CatalogMapping, catalog: Catalog
) -> None:
    database.add_movie(41)
    database.query("CREATE ROLE weak LOGIN; GRANT SELECT ON movies TO weak")
    weak = Catalog.from_dsn(f"{database.dsn}&options=-c%20role%3Dweak", mapping)
    try:
        assert weak.titles.free_ids("movie", 1) == ["42"]
    finally:
        database.query("DROP OWNED BY weak; DROP ROLE weak")


def test_no_row_of_a_long_table_is_read_for_a_new_id(catalog: Catalog, database: Database) -> None:
    database.query("INSERT INTO movies (title) SELECT 'one of many' FROM generate_series(1, 20000)")
    before = rows_read(database)
    assert new_title(catalog) == Title("movie", "20001")
    assert catalog.titles.free_ids("movie", 3) == ["20002", "20003", "20004"]
    assert rows_read(database) - before < 20


@pytest.mark.parametrize("kind", ["uuid", "text"])
def test_among_uuids_a_free_id_is_a_uuid(catalog: Catalog, database: Database, kind: str) -> None:
    known = "8f14e45f-ceea-467f-a5b1-1c1d3c9a4f10"
    make_ids(database, kind, known)
    first, second = catalog.titles.free_ids("movie", 2)
    assert len({known, str(UUID(first)), str(UUID(second))}) == 3


def test_among_numbers_in_text_the_largest_number_counts(catalog: Catalog, database: Database) -> None:
    make_ids(database, "text", "9", "10")
    assert catalog.titles.free_ids("movie", 2) == ["11", "12"]


def test_ids_of_no_known_kind_must_be_chosen(catalog: Catalog, database: Database) -> None:
    make_ids(database, "text", "the-film", "7")
    with pytest.raises(ConfigurationError, match="--id"):
        catalog.titles.free_ids("movie", 1)


def test_several_files_need_an_id_to_count_on_from() -> None:
    with pytest.raises(ConfigurationError, match="add them one by one"):
        consecutive_ids("the-film", 2)


def new_title(catalog: Catalog) -> Title:
    said = Announcement("key one", None, "New", "movie", None)
    title = catalog.uploads.register(catalog.uploads.begin(said, Cut(1), "key", "id"), "film.mp4")
    assert title is not None
    return title


def make_ids(database: Database, kind: str, *ids: str) -> None:
    """A table of titles with these ids of this type."""
    database.query("ALTER TABLE movies ALTER id DROP IDENTITY")
    database.query(f"ALTER TABLE movies ALTER id TYPE {kind} USING NULL")
    for each in ids:
        database.query("INSERT INTO movies (id, title) VALUES (%s, '')", each)


def rows_read(database: Database) -> int:
    """How many rows of the table PostgreSQL has read or fetched so far, as its statistics say."""
    database.query("SELECT pg_stat_force_next_flush()")
    row = database.row(
        "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) AS read FROM pg_stat_user_tables"
        " WHERE relname = 'movies'"
    )
    return int(row["read"])
