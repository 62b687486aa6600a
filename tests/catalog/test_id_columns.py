"""A user's row is found from the conversion of its title, whatever the type of its id."""

import pytest

from nightreel.catalog import Catalog
from tests.catalog.conftest import Database
from tests.catalog.test_mapping import mapped

UUID = "6f2c1a52-7a33-4c0e-9f0d-0d5f6f6f0001"
LEFT_FROM_ANOTHER_TABLE = ("abc", "007", "99999999999999999999999", f"{UUID[:-1]}x", "-" * 36, UUID.upper())


@pytest.mark.parametrize(
    ("kind", "content_id"),
    [
        ("integer", "7"),
        ("bigint", "1844674407370955161"),
        ("numeric", "7"),
        ("uuid", UUID),
        ("text", "a_b"),
        ("varchar(20)", "a_b"),
    ],
)
def test_ids_that_a_table_cannot_have_end_no_search_for_those_that_it_has(
    catalog: Catalog, database: Database, kind: str, content_id: str
) -> None:
    database.query(f"CREATE TABLE films (id {kind} PRIMARY KEY, title text, video_url text)")
    database.query("INSERT INTO films VALUES (%s, 'T', 'x.mp4')", content_id)
    database.query(
        "INSERT INTO nightreel.conversions (content_type, content_id, state, source_url, release, complete)"
        " SELECT 'movie', id, 'published', 'x.mp4', 'r', FALSE FROM unnest(%s) id",
        [content_id, *LEFT_FROM_ANOTHER_TABLE],
    )
    films = Catalog.from_dsn(database.dsn, mapped("films"))
    assert [row.content_id for row in films.backlog.incomplete(10)] == [content_id]
