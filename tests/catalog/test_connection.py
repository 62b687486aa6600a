import traceback
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg2
import pytest

from nightreel.catalog import Catalog, CatalogMapping, Limits
from nightreel.catalog.connection import LimitedConnections, connector, transaction
from nightreel.catalog.migrate import migrate
from nightreel.errors import CatalogUnavailable, ConfigurationError
from tests.catalog.conftest import Database


def test_a_database_that_does_not_answer_is_worth_a_retry(mapping: CatalogMapping, tmp_path: object) -> None:
    catalog = Catalog.from_dsn(f"postgresql://someone:s3cret@/x?host={tmp_path}", mapping)
    with pytest.raises(CatalogUnavailable, match="did not answer") as caught:
        catalog.backlog.unconverted(1)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("dsn", ["", "s3cret", "host=x s3cret", "postgresql://u:s3cret@h:p:1/x?s3cret"])
def test_a_wrong_connection_string_is_not_repeated(dsn: str, mapping: CatalogMapping) -> None:
    with pytest.raises(ConfigurationError, match="NIGHTREEL_CATALOG_DSN") as caught:
        Catalog.from_dsn(dsn, mapping)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_goes_away_in_the_middle_is_worth_a_retry(catalog: Catalog) -> None:
    with pytest.raises(CatalogUnavailable), transaction(catalog._connect) as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_database_that_takes_no_writes_is_worth_a_retry(catalog: Catalog, database: Database) -> None:
    title = database.add_movie(1)
    # As a replica that is asked before it has become the primary, or a disk that a guard found full.
    with (
        pytest.raises(CatalogUnavailable, match="accepts no writes"),
        transaction(catalog._connect) as cursor,
    ):
        cursor.execute("SET TRANSACTION READ ONLY; DELETE FROM movies")
    assert database.row("SELECT id FROM movies") == {"id": int(title.content_id)}


def _backend(catalog: Catalog) -> int:
    with transaction(catalog._connect) as cursor:
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
    with transaction(catalog._connect) as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 30000)", (broken,))
    assert _backend(kept) != broken


def test_what_one_transaction_undoes_is_not_seen_by_the_next_on_the_same_connection(catalog: Catalog) -> None:
    kept = catalog.keeping_connections()
    backend = _backend(kept)
    with pytest.raises(psycopg2.errors.DivisionByZero), transaction(kept._connect) as cursor:
        cursor.execute("CREATE TABLE undone (); SELECT 1 / 0")
    with transaction(kept._connect) as cursor:
        cursor.execute("SELECT to_regclass('undone') AS found")
        assert cursor.fetchall() == [{"found": None}]
    assert _backend(kept) == backend


def test_more_at_once_than_are_kept_all_get_a_connection(catalog: Catalog) -> None:
    kept = catalog.keeping_connections()
    with ExitStack() as stack:
        cursors = [stack.enter_context(transaction(kept._connect)) for _ in range(10)]
        assert len({cursor.connection.get_backend_pid() for cursor in cursors}) == 10


@pytest.fixture
def impatient(database: Database, mapping: CatalogMapping, catalog: Catalog) -> Catalog:
    return Catalog.from_dsn(database.dsn, mapping, limits=Limits(statement=0.5, lock=0.1))


@pytest.mark.parametrize("kept", [False, True], ids=["opened anew", "kept"])
def test_a_statement_that_takes_too_long_is_worth_a_retry(impatient: Catalog, kept: bool) -> None:
    catalog = impatient.keeping_connections() if kept else impatient
    with (
        pytest.raises(CatalogUnavailable, match=r"0\.5 seconds.*NIGHTREEL_CATALOG_STATEMENT"),
        transaction(catalog._connect) as cursor,
    ):
        cursor.execute("SELECT pg_sleep(60)")
    catalog.answer()


def test_rows_that_another_keeps_locked_are_worth_a_retry(impatient: Catalog, database: Database) -> None:
    title = database.add_movie(1)
    impatient.withdrawals.withdraw(title)
    with closing(psycopg2.connect(database.dsn)) as other, other.cursor() as cursor:
        cursor.execute("SELECT FROM nightreel.conversions FOR UPDATE")
        with pytest.raises(CatalogUnavailable, match=r"0\.1 seconds.*NIGHTREEL_CATALOG_LOCK"):
            impatient.verdicts.requeue(title)
    assert impatient.verdicts.requeue(title)


def test_a_migration_is_not_cut_off(database: Database, catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "9999_slow.sql").write_text("SELECT pg_sleep(0.6)")
    limited = LimitedConnections(connector(database.dsn), Limits(statement=0.1, lock=0.1))
    assert migrate(limited, tmp_path) == [9999]


def test_what_the_connection_string_says_goes_before_what_is_usual(database: Database) -> None:
    with closing(connector(f"{database.dsn}&application_name=mine&tcp_user_timeout=5000")()) as opened:
        parameters = opened.get_dsn_parameters()
    assert (parameters["application_name"], parameters["tcp_user_timeout"]) == ("mine", "5000")
    assert parameters["keepalives_idle"] == "30"
