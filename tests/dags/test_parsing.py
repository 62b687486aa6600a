"""What Airflow pays for reading a DAG file, which it does before every task: next to nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nightreel.places import PROJECT_ROOT
from tests.orchestration import airflow_home

DAG_FILES = sorted((PROJECT_ROOT / "dags").glob("*.py"))

HEAVY = {
    *("psycopg2", "boto3", "botocore", "great_expectations", "pandas", "numpy"),
    *("ffmpeg", "av", "httpx", "m3u8", "mpegdash", "apprise", "standardwebhooks"),
}
"""What tasks work with. Each takes from a tenth of a second to six seconds to import."""

# Airflow's own imports come first: they are paid for whatever a DAG file does.
PARSE = """
import runpy, sys
import airflow.sdk, airflow.sdk.bases.hook
import airflow.providers.standard.operators.trigger_dagrun
from airflow.sdk import DAG, AsyncCallback, ExceptionRetryPolicy, Param, RetryRule, dag, task
from airflow.sdk.exceptions import AirflowRuntimeError, AirflowSkipException

refused = {"socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "sqlite3.connect"}

def refuse(event, arguments):
    if event in refused:
        raise PermissionError(f"{event}{arguments} at parse time")

for name in sys.argv[2:]:
    # Counted for this file, though Airflow has some of them itself.
    for module in [each for each in sys.modules if each.partition(".")[0] == name]:
        del sys.modules[module]
sys.addaudithook(refuse)
runpy.run_path(sys.argv[1])
print("imported:", *sorted({module.partition(".")[0] for module in sys.modules} & set(sys.argv[2:])))
"""


def parse(path: Path) -> subprocess.CompletedProcess[str]:
    """Reads a DAG file in a process that may not connect to anything nor start a program."""
    return subprocess.run(
        [sys.executable, "-c", PARSE, str(path), *sorted(HEAVY)],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(airflow_home.HOME),
            "PYTHONPATH": str(PROJECT_ROOT / "include"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("path", DAG_FILES, ids=lambda path: path.stem)
def test_a_dag_file_is_read_without_a_connection_and_without_what_tasks_work_with(path: Path) -> None:
    parsed = parse(path)
    assert parsed.returncode == 0, parsed.stderr
    assert parsed.stdout.splitlines()[-1] == "imported:"


def test_a_dag_file_that_connects_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "connects.py"
    path.write_text("import socket\nsocket.create_connection(('127.0.0.1', 9))\n")
    assert "at parse time" in parse(path).stderr


def test_a_dag_file_that_imports_a_driver_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "imports.py"
    path.write_text("import psycopg2\n")
    assert parse(path).stdout.splitlines()[-1] == "imported: psycopg2"
