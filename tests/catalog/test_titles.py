"""How a title's id is written: as the database compares it, and writes it."""

import pytest

from nightreel.catalog import Catalog
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import Database

UUID = "2b0c5b9e-6a53-4f0e-9d3b-a11111111111"


@pytest.mark.parametrize(
    ("kind", "stored", "asked"),
    [
        ("integer", "7", "007"),
        ("uuid", UUID, UUID.upper()),
        ("uuid", UUID, UUID.replace("-", "")),
        ("text", "007", "007"),
        ("text", "Ab", "Ab"),
    ],
)
def test_an_id_that_the_database_takes_for_the_same_is_the_same_title(
    catalog: Catalog, database: Database, kind: str, stored: str, asked: str
) -> None:
    database.query("ALTER TABLE episodes DROP COLUMN id")
    database.query(f"ALTER TABLE episodes ADD id {kind} PRIMARY KEY")
    database.query("INSERT INTO episodes (id, title, video_url) VALUES (%s, 'E', 'e.mp4')", stored)
    title = Title("episode", asked)
    assert catalog.titles.as_stored(title) == Title("episode", stored)
    assert [status.content_id for status in catalog.titles.status("episode", asked)] == [stored]
    record = catalog.library.find(title)
    assert record is not None
    assert record.content_id == stored
    assert catalog.titles.source_of(title) == "e.mp4"


@pytest.mark.parametrize(
    ("kind", "asked"), [("integer", "8"), ("integer", "abc"), ("text", "AB"), ("uuid", "x")]
)
def test_an_id_that_no_row_has_stays_as_it_is(
    catalog: Catalog, database: Database, kind: str, asked: str
) -> None:
    database.query("ALTER TABLE episodes DROP COLUMN id")
    database.query(f"ALTER TABLE episodes ADD id {kind} PRIMARY KEY")
    if kind == "text":
        database.query("INSERT INTO episodes (id, title, video_url) VALUES ('Ab', 'E', 'e.mp4')")
    title = Title("episode", asked)
    assert catalog.titles.as_stored(title) == title
    assert catalog.library.find(title) is None


def test_a_title_of_an_unknown_type_stays_as_it_is(catalog: Catalog) -> None:
    assert catalog.titles.as_stored(Title("trailer", "1")) == Title("trailer", "1")
