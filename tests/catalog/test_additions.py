"""What an upload does to the user's own rows."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from nightreel.catalog import Catalog
from nightreel.catalog.refusals import RowRefused
from nightreel.catalog.uploads import Announcement, Cut
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import Database

URL = "https://media.example/sources/uploads/0a1b.mp4"


def test_a_title_that_is_there_gets_the_source_and_keeps_its_name(
    catalog: Catalog, database: Database
) -> None:
    title = database.add_movie(7)
    catalog.titles.set_source(title, URL, "another name")
    assert database.row("SELECT title, video_url FROM movies") == {"title": "Movie 7", "video_url": URL}


def test_a_title_that_is_not_there_is_inserted_under_the_name(catalog: Catalog, database: Database) -> None:
    catalog.titles.set_source(Title("movie", "7"), URL, "a\x00name")
    assert database.row("SELECT id, title, video_url FROM movies") == {
        "id": 7,
        "title": "a\N{REPLACEMENT CHARACTER}name",
        "video_url": URL,
    }


def test_a_column_that_an_insert_would_lack_is_no_hindrance_for_a_title_that_is_there(
    catalog: Catalog, database: Database
) -> None:
    title = database.add_movie(7)
    database.query("ALTER TABLE movies ADD studio text")
    database.query("UPDATE movies SET studio = 'Ours'")
    database.query("ALTER TABLE movies ALTER studio SET NOT NULL")
    catalog.titles.set_source(title, URL, "")
    assert database.row("SELECT video_url FROM movies") == {"video_url": URL}
    with pytest.raises(RowRefused, match="studio"):
        catalog.titles.set_source(Title("movie", "8"), URL, "")


@pytest.mark.parametrize("content_id", ["the-film", "99999999999999999999"])
def test_an_id_that_the_column_cannot_hold_is_refused_by_its_table(catalog: Catalog, content_id: str) -> None:
    with pytest.raises(RowRefused, match=f"table movies did not take movie {content_id}"):
        catalog.titles.set_source(Title("movie", content_id), URL, "")


def test_new_titles_that_come_at_once_get_an_id_each(catalog: Catalog, database: Database) -> None:
    database.add_movie(7)
    said = Announcement("key one", None, "New", "movie", None)
    uploads = [catalog.uploads.begin(said, Cut(1), "key", str(number)) for number in range(4)]
    with ThreadPoolExecutor(8) as threads:
        titles = list(threads.map(lambda each: catalog.uploads.register(each, URL), uploads * 2))
    assert titles[:4] == titles[4:]
    assert sorted(map(str, titles[:4])) == ["movie 10", "movie 11", "movie 8", "movie 9"]
    assert database.row("SELECT count(*) FROM movies") == {"count": 5}
