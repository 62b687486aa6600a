"""A real Airflow with its metadata database, and Nightreel on a real catalog and a real bucket."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from nightreel.places import PROJECT_ROOT
from nightreel.vocabulary.title import Title
from tests.conftest import run_sql
from tests.object_store_server import ObjectStoreAddress
from tests.orchestration import airflow_home, sources
from tests.orchestration.installation import Installation, installed, with_reports

if TYPE_CHECKING:
    from tests.orchestration.runs import Run
    from tests.orchestration.staged import Made


@pytest.fixture(scope="package", autouse=True)
def airflow_metadata(postgres_dsn: str) -> Iterator[None]:
    """Airflow's own database, empty but for its schema."""
    run_sql(postgres_dsn, "CREATE DATABASE airflow")
    metadata = urlsplit(postgres_dsn)._replace(scheme="postgresql+psycopg2", path="/airflow").geturl()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", metadata)
        patch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(PROJECT_ROOT / "dags"))
        patch.setenv("AIRFLOW__CORE__PLUGINS_FOLDER", str(airflow_home.HOME / "plugins"))
        patch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
        patch.setenv("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "False")
        from airflow import settings
        from airflow.utils import db

        # It may have been imported, and so connected elsewhere, long before.
        settings.dispose_orm(do_log=False)
        settings.configure_vars()
        settings.configure_orm()
        db.initdb()
        yield
        settings.dispose_orm(do_log=False)


@pytest.fixture(scope="package")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sources.film(tmp_path_factory.mktemp("sources") / "film.mp4")


@pytest.fixture(scope="package")
def installation(
    airflow_metadata: None,
    postgres_dsn: str,
    object_store: ObjectStoreAddress,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """The installation that tests share; each uses titles of its own."""
    with installed(postgres_dsn, object_store, tmp_path_factory.mktemp("installation")) as shared:
        yield shared


@pytest.fixture
def install(
    airflow_metadata: None, postgres_dsn: str, object_store: ObjectStoreAddress, tmp_path: Path
) -> Iterator[Callable[..., Installation]]:
    """Makes an installation of this test's own, with the variables given."""
    with ExitStack() as stack:

        def enter(**variables: str) -> Installation:
            return stack.enter_context(installed(postgres_dsn, object_store, tmp_path, **variables))

        yield enter


@pytest.fixture(scope="package")
def published(installation: Installation, film: Path) -> "tuple[Title, Run]":
    """A title that was converted by a run of `convert_title`, as it is by default."""
    from tests.orchestration.runs import convert

    title = installation.add_movie(1, film)
    with with_reports():
        return title, convert(title)


@pytest.fixture(scope="package")
def made(
    published: "tuple[Title, Run]", installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> "Made":
    """The release of that title, for tests that need one and do not care how it was made."""
    from tests.orchestration.staged import bring_back

    return bring_back(installation, published[0], tmp_path_factory.mktemp("release"))


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> "Callable[..., Run]":
    """Runs `nightly_backlog`. Its titles end as they are told by id, or else are published."""
    from tests.orchestration.nights import run_night

    return partial(run_night, monkeypatch)


@pytest.fixture
def nothing_stays_queued() -> Iterator[None]:
    from tests.orchestration.runs import queued_runs

    yield
    for queued in queued_runs():
        queued.delete()
