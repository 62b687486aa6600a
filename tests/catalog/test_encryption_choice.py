"""Which titles are encrypted: the user's column, and what a person chose."""

import pytest

from nightreel.catalog import Catalog, CatalogMapping, Claim
from nightreel.errors import ConfigurationError, TitleNotFound
from nightreel.vocabulary.title import Title
from tests.catalog.conftest import LEASE, Database, publish


@pytest.fixture
def with_column(catalog: Catalog, database: Database, demo_dsn: str, mapping: CatalogMapping) -> Catalog:
    """The catalog of a user whose movies have a column for it."""
    database.query("ALTER TABLE movies ADD COLUMN protect boolean")
    table = mapping.table_of("movie")
    columns = table.columns.model_copy(update={"encrypt": "protect"})
    mapped = CatalogMapping(content_types={"movie": table.model_copy(update={"columns": columns})})
    catalog = Catalog.from_dsn(demo_dsn, mapped)
    catalog.schema.check_mapping()
    return catalog


def claim_of(catalog: Catalog, title: Title, run_id: str = "run-1") -> Claim:
    answer = catalog.claims.one(title, run_id, LEASE)
    assert isinstance(answer, Claim), answer
    return answer


def test_a_title_of_which_nobody_said_anything_is_left_to_the_setting(
    catalog: Catalog, database: Database
) -> None:
    assert claim_of(catalog, database.add_movie(1)).encrypt is None


@pytest.mark.parametrize("said", [True, False, None])
def test_the_column_of_the_users_table_decides(
    with_column: Catalog, database: Database, said: bool | None
) -> None:
    title = database.add_movie(1)
    database.query("UPDATE movies SET protect = %s", said)
    (claim,) = with_column.claims.of_night([title], "night", LEASE)
    assert claim.encrypt is said
    assert with_column.leases.adopt(title, claim.token, "run-1", LEASE).encrypt is said


@pytest.mark.parametrize("chosen", [True, False])
def test_what_a_person_chose_goes_before_the_column(
    with_column: Catalog, database: Database, chosen: bool
) -> None:
    title = database.add_movie(1)
    database.query("UPDATE movies SET protect = %s", not chosen)
    with_column.claims.choose_encryption(title, chosen)
    claim = claim_of(with_column, title)
    assert claim.encrypt is chosen
    assert with_column.leases.adopt(title, claim.token, "run-1", LEASE).encrypt is chosen


def test_what_a_person_chose_is_remembered_for_later_conversions(
    catalog: Catalog, database: Database
) -> None:
    title = database.add_movie(1)
    catalog.claims.choose_encryption(title, True)
    publish(catalog, claim_of(catalog, title))
    database.query("UPDATE movies SET video_url = 'movies/another.mp4'")
    assert claim_of(catalog, title, "the next night").encrypt is True


def test_a_published_title_that_is_not_as_was_chosen_may_be_claimed(
    catalog_with_keys: Catalog, database: Database
) -> None:
    title = database.add_movie(1)
    publish(catalog_with_keys, claim_of(catalog_with_keys, title))
    catalog_with_keys.claims.choose_encryption(title, True)
    claim = claim_of(catalog_with_keys, title, "run-2")
    catalog_with_keys.content_keys.make(claim, "cbcs")
    publish(catalog_with_keys, claim)
    refusal = catalog_with_keys.claims.one(title, "run-3", LEASE)
    assert not isinstance(refusal, Claim)
    assert refusal.code == "published"


@pytest.mark.parametrize("content_id", ["404", "abc"])
def test_nothing_is_chosen_for_a_title_that_is_not_there(
    catalog: Catalog, database: Database, content_id: str
) -> None:
    with pytest.raises(TitleNotFound):
        catalog.claims.choose_encryption(Title("movie", content_id), True)
    assert database.query("SELECT * FROM nightreel.conversions") == []


def test_a_column_that_is_not_boolean_is_named(database: Database, with_column: Catalog) -> None:
    database.query("ALTER TABLE movies ALTER COLUMN protect TYPE text")
    with pytest.raises(ConfigurationError, match="mapped as encrypt, is text and must be boolean"):
        with_column.schema.check_mapping()
