"""airflow-init, really run: its command, in its environment, on empty databases."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from cryptography.fernet import Fernet
from psycopg2 import sql

from nightreel.places import PROJECT_ROOT
from tests.conftest import run_sql
from tests.deploy import compose


@pytest.fixture(scope="module")
def metadata_dsn(postgres_dsn: str) -> Iterator[str]:
    """The URI of a database for Airflow itself, empty at first."""
    name = f"airflow_{uuid.uuid4().hex}"
    run_sql(postgres_dsn, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield urlsplit(postgres_dsn)._replace(path=f"/{name}").geturl()
    run_sql(postgres_dsn, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _initialise(metadata_dsn: str, catalog_dsn: str, home: Path) -> subprocess.CompletedProcess[str]:
    variables = compose.filled_in(
        NIGHTREEL_CATALOG_DSN=catalog_dsn,
        NIGHTREEL_ENCODE_SLOTS="7",
        AIRFLOW__CORE__FERNET_KEY=Fernet.generate_key().decode(),
        _AIRFLOW_WWW_USER_USERNAME="boss",
    )
    container = compose.environment("airflow-init", variables)
    here = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata_dsn.replace("postgresql:", "postgresql+psycopg2:", 1),
        "AIRFLOW_HOME": str(home),
        "HOME": str(home),
        "PYTHONPATH": str(PROJECT_ROOT / "include"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    # Compose makes one dollar of two.
    command = [compose.interpolate(part, variables) for part in compose.services()["airflow-init"]["command"]]
    return subprocess.run(
        command, cwd=home, env=container | here, capture_output=True, text=True, check=False
    )


def _one(dsn: str, query: str) -> tuple[object, ...]:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchone()
        assert found is not None
        return found


def test_init_makes_the_tables_the_administrator_the_pools_and_the_catalogs_schema(
    metadata_dsn: str, demo_dsn: str, tmp_path: Path
) -> None:
    done = _initialise(metadata_dsn, demo_dsn, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert _one(
        metadata_dsn,
        "SELECT u.username, r.name FROM ab_user u JOIN ab_user_role ON user_id = u.id "
        "JOIN ab_role r ON r.id = role_id",
    ) == ("boss", "Admin")
    assert _one(metadata_dsn, "SELECT slots FROM slot_pool WHERE pool = 'encode'") == (7,)
    assert _one(demo_dsn, "SELECT count(*) FROM nightreel.conversions") == (0,)


def test_init_runs_again_and_names_the_table_when_the_catalog_is_not_as_the_mapping_says(
    metadata_dsn: str, catalog_dsn: str, tmp_path: Path
) -> None:
    done = _initialise(metadata_dsn, catalog_dsn, tmp_path)
    assert done.returncode != 0
    assert "movies" in done.stderr
