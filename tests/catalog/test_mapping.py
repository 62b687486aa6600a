from pathlib import Path

import pytest
from pydantic import ValidationError

from nightreel.catalog import Catalog, CatalogMapping, load_mapping
from nightreel.errors import ConfigurationError
from tests.catalog.conftest import LEASE, MAPPING, Database
from tests.conftest import run_sql

COLUMNS = {"id": "id", "title": "title", "video_url": "video_url"}


def mapped(table: str, **columns: str) -> CatalogMapping:
    return CatalogMapping.model_validate(
        {"content_types": {"movie": {"table": table, "columns": COLUMNS | columns}}}
    )


def faults(dsn: str, mapping: CatalogMapping) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Catalog.from_dsn(dsn, mapping).schema.check_mapping()
    return str(caught.value)


def test_the_default_mapping_fits_the_demo_tables(catalog: Catalog) -> None:
    assert set(catalog.mapping.content_types) == {"movie", "episode"}
    catalog.schema.check_mapping()


def test_each_missing_table_and_column_is_named_with_the_cure(database: Database) -> None:
    database.query("DROP TABLE episodes")
    database.query("ALTER TABLE movies DROP COLUMN dash_url, DROP COLUMN video_url CASCADE")
    message = faults(database.dsn, load_mapping(MAPPING))
    assert "there is no table episodes; create it, or correct content_types.episode.table" in message
    assert "no column dash_url, mapped as dash_url; add the column, or leave" in message
    assert (
        "no column video_url, mapped as video_url; correct content_types.movie.columns.video_url" in message
    )
    assert "mapped as hls_url" not in message


def test_a_column_of_the_wrong_kind_is_named(database: Database) -> None:
    database.query("CREATE TABLE films (id timestamp, title text, video_url text, hls_url integer)")
    message = faults(database.dsn, mapped("films", hls_url="hls_url"))
    assert "column id of films, mapped as id, is timestamp without time zone" in message
    assert "column hls_url of films, mapped as hls_url, is integer and must be text" in message


def test_marks_need_columns_of_their_own_types(database: Database) -> None:
    database.query("ALTER TABLE movies ADD made_from varchar(80), ADD made_of date")
    marks = {"converted_from": "made_from", "converted_version": "made_of"}
    message = faults(database.dsn, mapped("movies", source_version="updated_at", **marks))
    assert (
        "column made_from of movies, mapped as converted_from, is character varying(80) and must be"
        in message
    )
    assert (
        "made_of of movies, mapped as converted_version, is date and must be timestamp with time" in message
    )


@pytest.mark.parametrize(
    "columns",
    [{"converted_from": "a", "source_version": "v"}, {"converted_from": "a", "converted_version": "b"}],
)
def test_marks_that_would_hide_another_version_are_refused(columns: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="converted_version"):
        mapped("movies", **columns)


def test_a_missing_right_is_named_with_its_grant(database: Database) -> None:
    role = f"reader_{database.dsn.partition('test_')[2][:12]}"
    database.query(f"CREATE ROLE {role} LOGIN; GRANT SELECT ON movies TO {role}")
    reader = database.dsn.replace("postgres:@", f"{role}:@")
    try:
        message = faults(reader, mapped("movies", hls_url="hls_url"))
    finally:
        database.query(f"DROP OWNED BY {role}; DROP ROLE {role}")
    assert 'GRANT UPDATE ("hls_url") ON movies' in message
    assert "GRANT SELECT" not in message


def test_identifiers_are_quoted(catalog_dsn: str) -> None:
    run_sql(
        catalog_dsn,
        'CREATE SCHEMA "My Shop"',
        'CREATE TABLE "My Shop"."select" ("Id" uuid PRIMARY KEY, "na""me" text, "50 {off}" text, "Hls" text)',
        """INSERT INTO "My Shop"."select" VALUES ('6f2c1a52-7a33-4c0e-9f0d-0d5f6f6f0001', 'A', 'a.mp4')""",
    )
    mapping = CatalogMapping.model_validate(
        {
            "content_types": {
                "movie": {
                    "table": "My Shop.select",
                    "columns": {"id": "Id", "title": 'na"me', "video_url": "50 {off}", "hls_url": "Hls"},
                }
            }
        }
    )
    catalog = Catalog.from_dsn(catalog_dsn, mapping)
    catalog.schema.check_mapping()
    catalog.schema.migrate()
    (row,) = catalog.backlog.unconverted(10)
    assert (row.name, row.video_url) == ("A", "a.mp4")
    assert [claim.title for claim in catalog.claims.of_night([row.title], "run", LEASE)] == [row.title]
    assert catalog.titles.status()[0].state == "claimed"


def test_a_column_that_is_written_cannot_be_the_sources() -> None:
    with pytest.raises(ValueError, match="hls_url is written, so it cannot be column 'video_url'"):
        mapped("movies", hls_url="video_url")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("content_types: [", "is not YAML"),
        ("", "the whole: "),
        ("content_types: {}", "content_types: "),
        (
            "content_types: {movie: {table: movies, columns: {id: id}}}",
            "movie.columns.video_url: Field required",
        ),
        ("content_types: {Movie/: {table: m, columns: {id: a, title: b, video_url: c}}}", "'Movie/'"),
        ("content_types: {movie: {table: a.b.c, columns: {id: a, title: b, video_url: c}}}", "movie.table: "),
        ("content_types: {movie: {table: m, columns: {id: 'a%', title: b, video_url: c}}}", "columns.id: "),
        (
            "content_types: {movie: {table: m, columns: {id: a, title: b, video_url: c, hsl_url: d}}}",
            "hsl_url",
        ),
    ],
)
def test_a_wrong_mapping_file_is_an_error_that_names_the_entry(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_mapping(path)
    assert str(path) in str(caught.value)
    assert fault in str(caught.value)


def test_a_missing_mapping_file_names_its_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.yaml.*NIGHTREEL_CATALOG_MAPPING"):
        load_mapping(tmp_path / "none.yaml")


def test_a_content_type_that_is_not_mapped_is_named(catalog: Catalog) -> None:
    with pytest.raises(ConfigurationError, match="'song' is not in the catalog mapping, which has movie"):
        catalog.titles.status(content_type="song")
