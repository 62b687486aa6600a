"""What is done once per deployment, after Airflow's own migrations."""

from collections.abc import Callable

import pytest
from airflow.models.pool import Pool
from airflow.utils.session import create_session

from nightreel.orchestration import initialise
from tests.orchestration.installation import Installation

Install = Callable[..., Installation]


def slots() -> dict[str, int]:
    with create_session() as session:
        return {pool.pool: pool.slots for pool in session.query(Pool)}


def test_the_pools_have_the_slots_of_the_settings_also_after_a_change(install: Install) -> None:
    install(NIGHTREEL_ENCODE_SLOTS="3", NIGHTREEL_UPLOAD_SLOTS="5")
    assert initialise.main() == 0
    assert (slots()["encode"], slots()["upload"]) == (3, 5)
    install(NIGHTREEL_ENCODE_SLOTS="7", NIGHTREEL_UPLOAD_SLOTS="5")
    assert initialise.main() == 0
    assert (slots()["encode"], slots()["upload"]) == (7, 5)


def test_the_catalogs_schema_is_made_where_it_is_missing(install: Install) -> None:
    installation = install()
    installation.query("DROP SCHEMA nightreel CASCADE")
    assert initialise.main() == 0
    assert installation.query("SELECT count(*) FROM nightreel.conversions") == [{"count": 0}]


def test_a_mapping_that_does_not_fit_the_catalog_is_one_sentence_that_names_the_column(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install().query("ALTER TABLE episodes DROP COLUMN dash_url")
    assert initialise.main() == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "episodes" in said
    assert "dash_url" in said
