"""All that docker-compose.yaml names can be loaded from the pinned requirements, without Docker.

A provider and the library that it drives are pinned apart, and an import that fails shows only as a
container that is restarted for ever.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from functools import cache

import pytest
from cryptography.fernet import Fernet

from nightreel.places import PROJECT_ROOT
from tests.deploy import compose, resolving
from tests.deploy.commands import Command, commands

_FILLED_IN = compose.filled_in(AIRFLOW__CORE__FERNET_KEY=Fernet.generate_key().decode())
_WORKER = compose.environment("airflow-worker", _FILLED_IN)
_MODULES = {"PYTHONPATH": str(PROJECT_ROOT / "include")}
_CONNECTIONS = sorted(
    name.removeprefix("AIRFLOW_CONN_").lower() for name in _WORKER if name.startswith("AIRFLOW_CONN_")
)

# Programs of the base image that are no Python of ours.
_FOREIGN = frozenset({"curl"})
_COMMANDS = [command for command in commands() if command[0] not in _FOREIGN]

# What README tells people to run in a container.
_TYPED = re.findall(
    r"^docker compose exec (\S+) (.+)$", (PROJECT_ROOT / "README.md").read_text(), re.MULTILINE
)

_NAMED = [
    ("executor",),
    ("auth manager",),
    ("metadata database",),
    ("queue",),
    *(("connection", name) for name in _CONNECTIONS),
    *_COMMANDS,
    *(tuple(words.split()) for _, words in _TYPED),
    # `airflow celery flower` hands over to this plugin of Celery's.
    ("celery", "--app", "airflow.providers.celery.executors.celery_executor.app", "flower"),
]


_UNKNOWN = [
    ("connection", "nightreel_buckets"),
    ("airflow", "celery", "worke"),
    ("celery", "--app", "airflow.providers.celery.executors.celery_executor.nothing", "inspect"),
    ("celery", "--app", "airflow.providers.celery.executors.celery_executor.app", "flowers"),
    ("nightreel", "wep"),
    ("python", "-m", "nightreel.orchestration.initialize"),
    ("python", "-c", "from nightreel.settings import no_settings"),
]


@cache
def _faults() -> dict[Command, str | None]:
    """What is wrong with each, found by one process: importing Airflow is most of the work."""
    wanted = _NAMED + _UNKNOWN
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, resolving.__file__],
            input=json.dumps(wanted),
            cwd=home,
            env={**_WORKER, "PATH": os.environ["PATH"], "HOME": home, "AIRFLOW_HOME": home, **_MODULES},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return dict(zip(wanted, json.loads(done.stdout), strict=True))


def _id(named: Command) -> str:
    return " ".join(named)[-60:]


@pytest.mark.parametrize("named", _NAMED, ids=_id)
def test_what_the_file_names_can_be_loaded(named: Command) -> None:
    assert _faults()[named] is None


@pytest.mark.parametrize("unknown", _UNKNOWN, ids=_id)
def test_what_does_not_exist_is_found(unknown: Command) -> None:
    assert _faults()[unknown] is not None


def test_every_connection_of_the_tasks_is_tried() -> None:
    assert _CONNECTIONS == ["nightreel_bucket", "nightreel_catalog"]


def test_every_command_is_of_a_program_whose_loading_is_tried() -> None:
    assert {command[0] for command in _COMMANDS} <= set(resolving.RESOLVERS)


def test_readme_enters_containers_that_there_are() -> None:
    assert {service for service, _ in _TYPED} == {"airflow-worker", "web"}
    assert set(compose.airflow_services()) >= {service for service, _ in _TYPED}
