"""How much a scan reads: where an index has the rows that wait, only those. The database counts them."""

from collections.abc import Callable

import pytest

from nightreel.catalog import Catalog, CatalogMapping
from nightreel.catalog.connection import transaction
from nightreel.errors import ConfigurationError
from tests.catalog.conftest import Database
from tests.catalog.test_marks import MARKS, with_marks
from tests.conftest import run_sql

CONVERTED, NEW, FIRST_ONLY = 20_000, 300, 50
LIMIT = 100
TABLES = ("movies", "nightreel.conversions", "nightreel.attempts")

Ask = Callable[[Catalog], int]


@pytest.fixture
def library(catalog: Catalog, database: Database, mapping: CatalogMapping) -> Catalog:
    """A catalog of many converted movies, with marks and the index that is advised for them."""
    # What autovacuum has seen, an index answers without the row: such reads are not counted.
    run_sql(database.dsn, *(f"ALTER TABLE {table} SET (autovacuum_enabled = off)" for table in TABLES))
    database.query(f"ALTER TABLE movies {MARKS}, ADD views integer")
    content = with_marks(mapping).model_dump()
    content["content_types"]["movie"]["columns"]["value"] = "views"
    catalog = Catalog.from_dsn(database.dsn, CatalogMapping.model_validate(content))
    database.query(
        "INSERT INTO movies (id, title, video_url, views) SELECT n, 'T', n || '.mp4', n %% 7"
        " FROM generate_series(1, %s) n",
        CONVERTED + NEW,
    )
    database.query(
        "UPDATE movies SET converted_from = 'movie ' || id || ' ' || video_url,"
        " converted_version = updated_at WHERE id <= %s",
        CONVERTED,
    )
    database.query(
        "INSERT INTO nightreel.conversions"
        " (content_type, content_id, state, source_url, source_version, release, complete)"
        " SELECT 'movie', id, 'published', video_url, updated_at::text, '20260101T000000-00000000', id > %s"
        " FROM movies WHERE id <= %s",
        FIRST_ONLY,
        CONVERTED,
    )
    (advice,) = catalog.schema.scan_advice()
    run_sql(database.dsn, advice.statement, "ANALYZE")
    return catalog


def rows_read(catalog: Catalog, ask: Ask) -> dict[str, int]:
    """How many rows of each table the answer takes. Fails if a table is read from end to end."""
    catalog = catalog.keeping_connections()
    before = counted(catalog)
    assert ask(catalog) > 0
    after = counted(catalog)
    for table in after:
        assert after[table]["seq_tup_read"] == before[table]["seq_tup_read"], table
    return {table: after[table]["idx_tup_fetch"] - before[table]["idx_tup_fetch"] for table in after}


def counted(catalog: Catalog) -> dict[str, dict[str, int]]:
    with transaction(catalog._connect) as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    with transaction(catalog._connect) as cursor:
        cursor.execute(
            "SELECT relname, seq_tup_read, idx_tup_fetch FROM pg_stat_user_tables"
            " WHERE relname IN ('movies', 'conversions', 'attempts')"
        )
        return {row["relname"]: row for row in cursor.fetchall()}


def unconverted(catalog: Catalog) -> int:
    return len(catalog.backlog.unconverted(LIMIT))


def incomplete(catalog: Catalog) -> int:
    return len(catalog.backlog.incomplete(LIMIT))


def test_a_scan_reads_the_rows_that_it_takes_and_no_others(library: Catalog) -> None:
    # Each once for the scan, and once for the question whether another row has its id.
    assert rows_read(library, unconverted) == {"movies": 2 * LIMIT, "conversions": 0, "attempts": 0}


def test_titles_to_be_completed_are_found_from_their_conversions(library: Catalog, catalog: Catalog) -> None:
    expected = {"movies": 2 * FIRST_ONLY, "conversions": FIRST_ONLY, "attempts": 0}
    assert rows_read(library, incomplete) == expected
    assert rows_read(catalog, incomplete) == expected


def test_rows_that_cannot_be_converted_are_looked_for_among_the_unmarked(
    library: Catalog, database: Database
) -> None:
    database.query("UPDATE movies SET video_url = NULL WHERE id > %s", CONVERTED + NEW - 2)
    database.query("INSERT INTO movies (id, title, video_url) VALUES (-1, 'T', 'x.mp4')")
    without = rows_read(library, lambda each: len(each.refused_rows.without_source(LIMIT)))
    malformed = rows_read(library, lambda each: each.refused_rows.malformed_ids().count)
    assert max(without["movies"], malformed["movies"]) <= 2 * NEW


def test_a_table_with_marks_and_its_index_needs_no_advice(library: Catalog, database: Database) -> None:
    assert library.schema.scan_advice() == []
    database.query("UPDATE pg_class SET reltuples = 1e6 WHERE relname = 'episodes'")
    (advice,) = library.schema.scan_advice()
    assert "scans read all of the 1,000,000 rows of episodes" in advice.sentence


def test_marked_rows_whose_titles_are_unknown_are_told_because_no_night_would_take_them(
    library: Catalog, database: Database
) -> None:
    library.schema.check_marks()
    database.query("DELETE FROM nightreel.conversions WHERE content_id IN ('1', '2')")
    with pytest.raises(ConfigurationError, match="2 rows of movies are marked in converted_from"):
        library.schema.check_marks()
