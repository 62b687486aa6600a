"""A run works on a title for as long as it may say that the title is its own, and little longer."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from psycopg2 import sql

from nightreel.catalog import Claim
from nightreel.catalog.connection import transaction
from nightreel.errors import CatalogUnavailable, ClaimLost, EncoderFailed
from nightreel.orchestration.conversion import heartbeat
from nightreel.orchestration.conversion.session import working
from nightreel.vocabulary.title import Title
from tests.conftest import run_sql
from tests.orchestration.installation import Installation
from tests.orchestration.staged import Staged, task_of

Install = Callable[..., Installation]


@pytest.fixture
def installation(install: Install, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setattr(heartbeat, "_HEARTBEAT_SECONDS", 0.1)
    return install()


@contextmanager
def away(server_dsn: str, installation: Installation) -> Iterator[None]:
    """Nobody gets a connection to the catalog, and those who have one lose it."""
    with transaction(installation.catalog._connect) as cursor:
        cursor.execute("SELECT current_database() AS name")
        (row,) = cursor.fetchall()
    name = sql.Identifier(row["name"])
    run_sql(
        server_dsn,
        sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name),
        sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(
            sql.Literal(row["name"])
        ),
    )
    try:
        yield
    finally:
        run_sql(server_dsn, sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


def claimed(installation: Installation) -> Staged:
    title = installation.add_movie(1, "sources/1.mp4")
    claim = installation.catalog.claims.one(title, "run", installation.settings.lease)
    assert isinstance(claim, Claim)
    return Staged(title, claim, "run")


def work_without_catalog(installation: Installation, server_dsn: str, staged: Staged) -> None:
    """A step that never comes to its end by itself."""
    with working(staged.ticket, "transcode") as conversion, away(server_dsn, installation):
        conversion.settings = conversion.settings.model_copy(update={"lease_seconds": 1})
        for _ in range(600):
            conversion.require_claim()
            time.sleep(0.1)


def test_a_claim_that_cannot_be_renewed_for_as_long_as_it_lasts_ends_the_work(
    installation: Installation, postgres_dsn: str
) -> None:
    staged = claimed(installation)
    told = r"claim on movie 1 could not be renewed .* \(1 seconds\)"
    with task_of("run"), pytest.raises(CatalogUnavailable, match=told):
        work_without_catalog(installation, postgres_dsn, staged)
    # Nobody has taken the title meanwhile, so the next try goes on with it.
    with task_of("run"), working(staged.ticket, "transcode") as conversion:
        conversion.require_claim()


def test_the_next_try_finds_that_another_run_has_the_title(
    installation: Installation, postgres_dsn: str
) -> None:
    staged, lease = claimed(installation), installation.settings.lease
    with task_of("run"), pytest.raises(CatalogUnavailable):
        work_without_catalog(installation, postgres_dsn, staged)
    installation.age_leases()
    assert isinstance(installation.catalog.claims.one(staged.title, "newer", lease), Claim)
    with task_of("run"), pytest.raises(ClaimLost), working(staged.ticket, "transcode"):
        pass


def test_a_catalog_that_is_away_for_less_than_the_lease_ends_nothing(
    installation: Installation, postgres_dsn: str
) -> None:
    staged = claimed(installation)
    with task_of("run"), working(staged.ticket, "transcode") as conversion:
        with away(postgres_dsn, installation):
            time.sleep(0.5)
        installation.age_leases()
        for _ in range(600):
            if (
                installation.conversion(Title("movie", "1"))["lease_expires_at"]
                > installation.catalog.attempts.now()
            ):
                break
            time.sleep(0.1)
        else:
            pytest.fail("the claim was not renewed once the catalog was back")
        conversion.require_claim()


def package_while_the_catalog_goes_away(
    installation: Installation, server_dsn: str, error: Exception | None = None
) -> None:
    """It is back for the next step, and away when the cost of this one is recorded."""
    with task_of("run"), ExitStack() as stack, working(claimed(installation).ticket, "package"):
        stack.enter_context(away(server_dsn, installation))
        if error is not None:
            raise error


def test_what_a_step_cost_is_worth_no_failure(
    installation: Installation, postgres_dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    package_while_the_catalog_goes_away(installation, postgres_dsn)
    assert "what the step cost could not be recorded" in caplog.text


def test_what_a_step_cost_hides_no_failure(installation: Installation, postgres_dsn: str) -> None:
    with pytest.raises(EncoderFailed, match="the packager"):
        package_while_the_catalog_goes_away(installation, postgres_dsn, EncoderFailed("the packager ended"))
