"""A publication whose update the user's table refuses, undoes, or does for more than one row."""

import time
from collections.abc import Callable

import pytest

from nightreel.catalog import Catalog, Claim
from nightreel.errors import CatalogUnavailable, ConfigurationError
from tests.catalog.conftest import RESULT, Database, publish

Claimed = Callable[..., Claim]


def test_an_update_that_the_users_table_refuses_names_the_table_and_the_reason(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    database.query("ALTER TABLE movies ALTER hls_url TYPE varchar(10)")
    claim = claimed(database.add_movie(1))
    with pytest.raises(ConfigurationError, match=r"table movies refused .* movie 1 .*hls_url.*too long"):
        publish(catalog, claim)
    assert database.conversion(claim.title)["state"] == "claimed"


@pytest.mark.parametrize(
    "away",
    ["SET TRANSACTION READ ONLY", "SET LOCAL idle_in_transaction_session_timeout = '20ms'"],
    ids=["accepts no writes", "ended the transaction"],
)
def test_a_database_that_is_not_at_work_has_not_refused_the_update(
    catalog: Catalog, database: Database, claimed: Claimed, away: str
) -> None:
    claim = claimed(database.add_movie(1))

    def publish_late() -> None:
        with catalog.publications.holding(claim) as publication:
            publication._cursor.execute(away)
            # Longer than the shorter of the two limits; nothing is measured.
            time.sleep(0.2)
            publication.complete(RESULT)

    with pytest.raises(CatalogUnavailable):
        publish_late()
    assert database.conversion(claim.title)["state"] == "claimed"


SWALLOW = "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"


@pytest.mark.parametrize(
    "cause",
    [
        SWALLOW + "CREATE TRIGGER s BEFORE UPDATE ON movies FOR EACH ROW EXECUTE FUNCTION swallow()",
        "CREATE RULE s AS ON UPDATE TO movies DO INSTEAD NOTHING",
    ],
    ids=["trigger", "rule"],
)
def test_an_update_that_changes_no_row_publishes_nothing_and_names_the_table(
    catalog: Catalog, database: Database, claimed: Claimed, cause: str
) -> None:
    database.query(cause)
    claim = claimed(database.add_movie(1))
    with pytest.raises(
        ConfigurationError, match="table movies took the update of movie 1 but changed no row"
    ):
        publish(catalog, claim)
    assert database.conversion(claim.title)["state"] == "claimed"
    assert database.attempt(claim)["outcome"] is None


RESET = "CREATE FUNCTION reset() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;"


@pytest.mark.parametrize(
    "cause",
    [
        RESET.format(body="NEW.hls_url := OLD.hls_url; RETURN NEW;")
        + "CREATE TRIGGER r BEFORE UPDATE ON movies FOR EACH ROW EXECUTE FUNCTION reset()",
        RESET.format(body="UPDATE movies SET hls_url = NULL WHERE hls_url IS NOT NULL; RETURN NULL;")
        + "CREATE TRIGGER r AFTER UPDATE ON movies FOR EACH ROW EXECUTE FUNCTION reset()",
        RESET.format(body="UPDATE movies SET hls_url = NULL WHERE hls_url IS NOT NULL; RETURN NULL;")
        + "CREATE CONSTRAINT TRIGGER r AFTER UPDATE ON movies DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION reset()",
    ],
    ids=["before", "after", "at the commit"],
)
def test_an_update_that_a_trigger_undoes_publishes_nothing_and_names_the_column(
    catalog: Catalog, database: Database, claimed: Claimed, cause: str
) -> None:
    database.query(cause)
    claim = claimed(database.add_movie(1))
    with pytest.raises(
        ConfigurationError, match="table movies took the update of movie 1 but did not keep it: hls_url holds"
    ):
        publish(catalog, claim)
    assert database.conversion(claim.title)["state"] == "claimed"


def test_a_column_of_fixed_length_and_a_whole_number_keep_what_is_written(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    database.query("ALTER TABLE movies ALTER hls_url TYPE char(300), ALTER duration_seconds TYPE smallint")
    publish(catalog, claimed(database.add_movie(1)))


def test_an_id_that_two_rows_have_publishes_nothing_and_names_the_column(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    claim = claimed(database.add_movie(1))
    database.query("ALTER TABLE movies DROP CONSTRAINT movies_pkey")
    database.add_movie(1)
    with pytest.raises(ConfigurationError, match=r"2 rows of table movies have the id 1.*make column id"):
        publish(catalog, claim)
    assert database.query("SELECT DISTINCT hls_url FROM movies") == [{"hls_url": None}]


def test_a_constraint_that_waits_for_the_commit_refuses_before_it(
    catalog: Catalog, database: Database, claimed: Claimed
) -> None:
    database.query(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'not in this table'; END $$;"
        "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON movies DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    with catalog.publications.holding(claimed(database.add_movie(1))) as publication:
        refused = r"table movies refused .* movie 1 .*not in this table"
        with pytest.raises(ConfigurationError, match=refused):
            publication.complete(RESULT)
