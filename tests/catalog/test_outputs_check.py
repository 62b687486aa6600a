"""What publishing would stumble over is found before, by table and column."""

import re
from contextlib import closing

import psycopg2
import pytest

from nightreel.catalog import Catalog, CatalogMapping, outputs_check
from nightreel.errors import ConfigurationError
from nightreel.vocabulary.layout import longest_urls
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import Database
from tests.catalog.test_mapping import mapped

BASE = "https://media.example.com"
OUTPUTS = {"hls_url": "hls_url", "dash_url": "dash_url"}


def urls_of(title: Title) -> dict[str, str]:
    return longest_urls(BASE, title)


def faults(database: Database, mapping: CatalogMapping) -> str:
    with pytest.raises(ConfigurationError, match="publishing would fail") as caught:
        Catalog.from_dsn(database.dsn, mapping).schema.check_outputs(urls_of)
    return str(caught.value)


def found(database: Database, *statements: str, table: str = "movies") -> str:
    database.add_movie(1)
    for statement in statements:
        database.query(statement)
    before = database.query("SELECT xmin::text, * FROM movies")
    told = faults(database, mapped(table, **OUTPUTS))
    assert database.query("SELECT xmin::text, * FROM movies") == before
    return told


def test_tables_that_take_every_update_pass_and_keep_their_rows(catalog: Catalog, database: Database) -> None:
    catalog.schema.check_outputs(urls_of)
    database.add_movie(1)
    before = database.query("SELECT xmin::text, * FROM movies")
    catalog.schema.check_outputs(urls_of)
    assert database.query("SELECT xmin::text, * FROM movies") == before


def test_an_id_without_a_unique_index_is_found(database: Database) -> None:
    told = found(database, "ALTER TABLE movies DROP CONSTRAINT movies_pkey")
    assert "column id of movies, mapped as id, is not unique" in told
    assert 'ALTER TABLE movies ADD UNIQUE ("id")' in told
    assert "rows with" not in told


def test_an_index_over_more_than_the_id_or_over_some_rows_does_not_make_it_unique(database: Database) -> None:
    told = found(
        database,
        "ALTER TABLE movies DROP CONSTRAINT movies_pkey, ADD PRIMARY KEY (id, title)",
        "CREATE UNIQUE INDEX ON movies (id) WHERE title <> 'x'",
        "INSERT INTO movies (id, title, video_url) VALUES (1, 'x', 'x.mp4')",
    )
    assert "is not unique" in told
    assert "has 2 rows with 1" in told


def test_the_ids_of_a_view_are_counted(database: Database) -> None:
    views = (
        "CREATE VIEW films AS SELECT * FROM movies",
        "CREATE VIEW twice AS TABLE films UNION ALL TABLE films",
    )
    for view in views:
        database.query(view)
    Catalog.from_dsn(database.dsn, mapped("films", **OUTPUTS)).schema.check_outputs(urls_of)
    assert "column id of twice, mapped as id, has 2 rows with 1" in found(database, table="twice")


def test_a_view_that_cannot_be_updated_is_found_and_one_with_a_trigger_is_not(database: Database) -> None:
    view = "CREATE VIEW films AS SELECT DISTINCT * FROM movies"
    assert "films is a view that cannot be updated" in found(database, view, table="films")
    database.query(
        "CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE movies"
        " SET hls_url = NEW.hls_url, dash_url = NEW.dash_url WHERE id = NEW.id; RETURN NEW; END $$;"
        "CREATE TRIGGER pass INSTEAD OF UPDATE ON films FOR EACH ROW EXECUTE FUNCTION pass()"
    )
    Catalog.from_dsn(database.dsn, mapped("films", **OUTPUTS)).schema.check_outputs(urls_of)


def test_a_column_that_a_view_computes_is_found(database: Database) -> None:
    view = (
        "CREATE VIEW films AS SELECT id, title, video_url, hls_url, lower(dash_url) AS dash_url FROM movies"
    )
    told = found(database, view, table="films")
    assert "column dash_url of films, mapped as dash_url, is computed" in told
    assert "hls_url" not in told


@pytest.mark.parametrize("kind", ["character varying(60)", "character(60)", "short_text"])
def test_a_column_that_is_too_short_for_a_url_is_found(database: Database, kind: str) -> None:
    long, unusable = "a" * 40, "/" * 90
    told = found(
        database,
        "CREATE DOMAIN short_text AS varchar(60)",
        "ALTER TABLE movies ALTER id DROP IDENTITY",
        "ALTER TABLE movies ALTER id TYPE text",
        f"ALTER TABLE movies ALTER dash_url TYPE {kind}, ALTER hls_url TYPE varchar(200)",
        f"INSERT INTO movies (id, title, video_url) VALUES ('{long}', 'x', 'x'), ('{unusable}', 'x', 'x')",
    )
    url = urls_of(Title("movie", long))["dash_url"]
    assert f"column dash_url of movies, mapped as dash_url, is {kind}; that of movie {long} would" in told
    assert f"{len(url)} characters long ({url})" in told
    assert "hls_url" not in told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("RETURN NULL;", "movies takes an update of hls_url, dash_url but changes no row"),
        ("RAISE EXCEPTION 'hands off';", "movies refuses an update of hls_url, dash_url.*hands off"),
        (
            "NEW.dash_url := OLD.dash_url; RETURN NEW;",
            "movies takes an update of hls_url, dash_url but does not keep it, .* dash_url holds nothing",
        ),
    ],
)
def test_a_trigger_that_swallows_or_refuses_updates_is_found(
    database: Database, body: str, told: str
) -> None:
    trigger = (
        f"CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;"
        "CREATE TRIGGER t BEFORE UPDATE ON movies FOR EACH ROW EXECUTE FUNCTION t()"
    )
    assert re.search(told, found(database, trigger))


def test_a_constraint_that_waits_for_the_commit_is_met(database: Database) -> None:
    trigger = (
        "CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'late'; END $$;"
        "CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON movies DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION t()"
    )
    assert "late" in found(database, trigger)


def test_a_row_of_its_own_is_tried_before_it_is_converted(database: Database) -> None:
    for number in (1, 2):
        database.add_movie(number)
    database.query(
        "CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF new.id::text = '2' THEN RAISE EXCEPTION 'not this film'; END IF; RETURN new; END $$;"
        "CREATE TRIGGER t BEFORE UPDATE ON movies FOR EACH ROW EXECUTE FUNCTION t()"
    )
    before = database.query("SELECT xmin::text, * FROM movies ORDER BY id")
    catalog = Catalog.from_dsn(database.dsn, mapped("movies", **OUTPUTS))
    catalog.titles.require_taken(Title("movie", "1"), urls_of(Title("movie", "1")))
    with pytest.raises(ConfigurationError, match="not this film"):
        catalog.titles.require_taken(Title("movie", "2"), urls_of(Title("movie", "2")))
    assert database.query("SELECT xmin::text, * FROM movies ORDER BY id") == before


def test_a_row_that_somebody_has_locked_is_left_to_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs_check, "_PATIENCE_MILLISECONDS", 50)
    database.add_movie(1)
    catalog = Catalog.from_dsn(database.dsn, mapped("movies", **OUTPUTS))
    with closing(psycopg2.connect(database.dsn)) as other, other.cursor() as cursor:
        cursor.execute("SELECT FROM movies FOR UPDATE")
        catalog.titles.require_taken(Title("movie", "1"), urls_of(Title("movie", "1")))
