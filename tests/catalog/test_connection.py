import traceback

import pytest

from nightreel.catalog import Catalog, CatalogMapping
from nightreel.errors import CatalogUnavailable, ConfigurationError


def test_a_database_that_does_not_answer_is_worth_a_retry(mapping: CatalogMapping, tmp_path: object) -> None:
    catalog = Catalog.from_dsn(f"postgresql://someone:s3cret@/x?host={tmp_path}", mapping)
    with pytest.raises(CatalogUnavailable, match="did not answer") as caught:
        catalog.scan(1)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("dsn", ["", "s3cret", "host=x s3cret", "postgresql://u:s3cret@h:p:1/x?s3cret"])
def test_a_wrong_connection_string_is_not_repeated(dsn: str, mapping: CatalogMapping) -> None:
    with pytest.raises(ConfigurationError, match="NIGHTREEL_CATALOG_DSN") as caught:
        Catalog.from_dsn(dsn, mapping)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_goes_away_in_the_middle_is_worth_a_retry(catalog: Catalog) -> None:
    with pytest.raises(CatalogUnavailable), catalog._transaction() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
