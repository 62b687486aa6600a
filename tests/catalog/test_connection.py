import traceback
from contextlib import ExitStack

import psycopg2
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


def _backend(catalog: Catalog) -> int:
    with catalog._transaction() as cursor:
        cursor.execute("SELECT pg_backend_pid() AS pid")
        (row,) = cursor.fetchall()
        return int(row["pid"])


def test_a_connection_that_is_kept_serves_the_next_transaction(catalog: Catalog) -> None:
    kept = catalog.keeping_connections()
    assert _backend(kept) == _backend(kept)
    assert _backend(catalog) != _backend(catalog)


def test_a_kept_connection_that_broke_is_replaced(catalog: Catalog) -> None:
    kept = catalog.keeping_connections()
    broken = _backend(kept)
    with catalog._transaction() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 30000)", (broken,))
    assert _backend(kept) != broken


def test_what_one_transaction_undoes_is_not_seen_by_the_next_on_the_same_connection(catalog: Catalog) -> None:
    kept = catalog.keeping_connections()
    backend = _backend(kept)
    with pytest.raises(psycopg2.errors.DivisionByZero), kept._transaction() as cursor:
        cursor.execute("CREATE TABLE undone (); SELECT 1 / 0")
    with kept._transaction() as cursor:
        cursor.execute("SELECT to_regclass('undone') AS found")
        assert cursor.fetchall() == [{"found": None}]
    assert _backend(kept) == backend


def test_more_at_once_than_are_kept_all_get_a_connection(catalog: Catalog) -> None:
    kept = catalog.keeping_connections()
    with ExitStack() as stack:
        cursors = [stack.enter_context(kept._transaction()) for _ in range(10)]
        assert len({cursor.connection.get_backend_pid() for cursor in cursors}) == 10
