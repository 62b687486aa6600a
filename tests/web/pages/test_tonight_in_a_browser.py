"""The coming night in a browser: what is told in rows lines up."""

import pytest
from playwright.sync_api import Page

from nightreel.catalog import RowRefusal
from nightreel.vocabulary.title import Title
from nightreel.web.services import Services
from tests.catalog.conftest import Database
from tests.web.pages.conftest import Shelf
from tests.web.watch.conftest import Open

pytestmark = pytest.mark.browser

EDGES = """() => [...document.querySelectorAll(".plain.reasons > li")].map((row) => {
  const [name, reason] = [".named", ".reason"].map((each) => row.querySelector(each).getBoundingClientRect());
  return [name.left, reason.left, reason.top >= name.bottom].map(Number).map(Math.round);
})"""


@pytest.fixture(scope="module")
def refused(services: Services, shelf: Shelf, database: Database) -> None:
    """Titles that no night can convert, with names and reasons of every length."""
    catalog = services.catalog
    for number, (name, reason) in enumerate(
        (
            ("A film", None),
            ("The_film_that_somebody_gave_a_name_without_a_single_blank_in_it.final.v2", None),
            ("", "The source is empty."),
            (
                "Ein Film",
                "The bucket does not hand out films/2026/11/one.mov: " + "it is gone, " * 20,
            ),
            ("סרט", "סרט"),
        ),
        start=9001,
    ):
        title = Title("movie", str(number))
        catalog.titles.add(title, name or "x", f"films/{number}.mov")
        database.query("UPDATE movies SET title = %s WHERE id = %s", name, number)
        if reason is None:
            database.query("UPDATE movies SET video_url = NULL WHERE id = %s", number)
        else:
            catalog.refused_rows.refuse(
                [RowRefusal(row, "source_empty", reason, 0) for row in catalog.backlog.rows([title])]
            )
    database.query("INSERT INTO movies (id, title, video_url) VALUES (-7, 'Odd', 'odd.mp4')")


def edges(open_page: Open, width: int) -> list[tuple[int, int, int]]:
    page: Page = open_page("/tonight", "read", viewport={"width": width, "height": 1000})
    found: list[tuple[int, int, int]] = page.evaluate(EDGES)
    assert len(found) == 6
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    return found


@pytest.mark.usefixtures("refused")
def test_reasons_stand_below_each_other_beside_the_names(open_page: Open) -> None:
    rows = edges(open_page, 1400)
    assert len({(name, reason) for name, reason, _ in rows}) == 1
    assert not any(below for *_, below in rows)


@pytest.mark.usefixtures("refused")
def test_on_a_phone_each_reason_stands_below_its_name(open_page: Open) -> None:
    rows = edges(open_page, 390)
    assert {name == reason and bool(below) for name, reason, below in rows} == {True}
