"""Rows that say what their release was made from: a scan then reads only the others, and finds the same."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from nightreel.catalog import Catalog, CatalogMapping, Claim
from nightreel.vocabulary.states import State
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, PAST, RESULT, Database, publish, scanned
from tests.catalog.test_unchanged import fetched

Claimed = Callable[..., Claim]
FIRST = replace(RESULT, complete=False)
MARKS = "ADD converted_from text, ADD converted_version timestamptz"
STATES: tuple[State, ...] = ("pending", "claimed", "quarantined", "failed")


def with_marks(mapping: CatalogMapping) -> CatalogMapping:
    content = mapping.model_dump()
    marks = {"converted_from": "converted_from", "converted_version": "converted_version"}
    content["content_types"]["movie"]["columns"] |= marks
    return CatalogMapping.model_validate(content)


@pytest.fixture
def unmarked_catalog(catalog: Catalog, database: Database) -> Catalog:
    """The catalog for which there are no marks; its tables have the columns."""
    database.query(f"ALTER TABLE movies {MARKS}")
    return catalog


@pytest.fixture
def marked(unmarked_catalog: Catalog, demo_dsn: str) -> Catalog:
    """The same catalog, with marks in its movies."""
    return Catalog.from_dsn(demo_dsn, with_marks(unmarked_catalog.mapping))


def claim_of(catalog: Catalog, title: Title, lease: timedelta = LEASE, force: bool = False) -> Claim:
    claim = catalog.claims.one(title, "run", lease, force=force)
    assert isinstance(claim, Claim), claim
    return claim


def published(catalog: Catalog, title: Title) -> Title:
    publish(catalog, fetched(catalog, claim_of(catalog, title)))
    return title


def set_url(database: Database, title: Title, url: str | None) -> None:
    database.query("UPDATE movies SET video_url = %s WHERE id = %s", url, title.content_id)


def test_a_published_row_says_which_source_of_which_title_its_release_was_made_from(
    marked: Catalog, database: Database
) -> None:
    published(marked, database.add_movie(1, url=" https://films.example/a%20film.mp4?%s"))
    row = database.row("SELECT * FROM movies")
    assert row["converted_from"] == "movie 1  https://films.example/a%20film.mp4?%s"
    assert row["converted_version"] == row["updated_at"]


def test_a_row_whose_source_changes_while_it_is_converted_is_not_marked(
    marked: Catalog, database: Database
) -> None:
    claim = claim_of(marked, database.add_movie(1))
    set_url(database, claim.title, "other.mp4")
    publish(marked, claim)
    assert database.row("SELECT converted_from FROM movies") == {"converted_from": None}
    assert scanned(marked) == ["movie 1"]


def test_a_trigger_that_moves_the_version_when_a_row_is_marked_is_no_changed_source(
    marked: Catalog, database: Database
) -> None:
    title = published(marked, database.add_movie(1))
    set_url(database, title, "moved.mp4")
    database.query(
        "CREATE TRIGGER touch BEFORE UPDATE ON movies FOR EACH ROW EXECUTE FUNCTION source_was_updated()"
    )
    assert marked.verdicts.end_unchanged(fetched(marked, claim_of(marked, title)))
    assert scanned(marked) == []


def test_a_withdrawn_title_loses_its_mark(marked: Catalog, database: Database) -> None:
    marked.withdrawals.withdraw(published(marked, database.add_movie(1)))
    assert database.row("SELECT converted_from, converted_version FROM movies") == {
        "converted_from": None,
        "converted_version": None,
    }


def test_a_scan_finds_the_same_with_marks_as_without(
    unmarked_catalog: Catalog, marked: Catalog, database: Database
) -> None:
    situations(marked, database)
    assert scanned(marked) == scanned(unmarked_catalog) != []
    for state in STATES:
        found = [status.content_id for status in marked.titles.status(states=[state])]
        assert found == [status.content_id for status in unmarked_catalog.titles.status(states=[state])] != []
    without = marked.refused_rows.without_source(10)
    assert without == unmarked_catalog.refused_rows.without_source(10) != []
    malformed = marked.refused_rows.malformed_ids()
    assert malformed == unmarked_catalog.refused_rows.malformed_ids()
    assert malformed.examples == ("movie '-1'",)


def situations(catalog: Catalog, database: Database) -> None:
    """Rows in every state, with the source of their release, with another, and with it again."""
    new, *others = (database.add_movie(number) for number in range(1, 20))
    ends = (
        lambda claim: catalog.verdicts.quarantine(claim, "no_video", "It has no picture."),
        lambda claim: catalog.verdicts.fail(claim, "encoder", "It broke."),
        lambda claim: catalog.leases.renew(claim, PAST),
        lambda claim: None,
    )
    for end in ends:
        end(claim_of(catalog, others.pop()))
        title = published(catalog, others.pop())
        set_url(database, title, "other.mp4")
        end(claim_of(catalog, title))
        set_url(database, title, f"movies/{title.content_id}.mp4")
    end_forced = claim_of(catalog, published(catalog, others.pop()), force=True)
    catalog.verdicts.fail(end_forced, "encoder", "It broke.")
    set_url(database, published(catalog, others.pop()), "better.mp4")
    set_url(database, published(catalog, others.pop()), None)
    there_and_back = published(catalog, others.pop())
    as_published = database.row("SELECT updated_at FROM movies WHERE id = %s", there_and_back.content_id)
    set_url(database, there_and_back, "moved.mp4")
    assert catalog.verdicts.end_unchanged(fetched(catalog, claim_of(catalog, there_and_back)))
    set_url(database, there_and_back, f"movies/{there_and_back.content_id}.mp4")
    database.query(
        "UPDATE movies SET updated_at = %s WHERE id = %s",
        as_published["updated_at"],
        there_and_back.content_id,
    )
    touched = published(catalog, others.pop())
    database.query("UPDATE movies SET updated_at = now() WHERE id = %s", touched.content_id)
    catalog.withdrawals.withdraw(published(catalog, others.pop()))
    publish(catalog, claim_of(catalog, others.pop()), FIRST)
    done = published(catalog, others.pop())
    copy(database, done, 100)
    copy(database, new, -1)
    database.add_movie(101, url=None)


def copy(database: Database, title: Title, to: int) -> None:
    """A new row with everything that the title's row has."""
    columns = ", ".join(name for name in database.row("SELECT * FROM movies LIMIT 1") if name != "id")
    database.query(
        f"INSERT INTO movies (id, {columns}) SELECT %s, {columns} FROM movies WHERE id = %s",
        to,
        title.content_id,
    )
