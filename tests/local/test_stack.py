"""One stack, started once, with the customary port of Airflow's UI taken by someone else."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from time import monotonic, sleep

import boto3
import httpx
import psutil
import psycopg2
import pytest

from nightreel.errors import ConfigurationError
from nightreel.local import stray_processes
from nightreel.local.environment import Project
from nightreel.local.home import Home
from nightreel.local.stack import Stack
from nightreel.runs.airflow_api import AirflowClient, AirflowRefused, AirflowUnavailable, Login

pytestmark = pytest.mark.stack

_CUSTOMARY = 8080
_RUN_SECONDS = 180.0
KILLED = ("scheduler", "postgres", "api-server")


@pytest.fixture(scope="module")
def stack(home: Home, project: Project) -> Iterator[Stack]:
    stack = Stack(home, project)
    with socket.socket() as squatter:
        # As servers do: what is left of connections to an earlier one must not stand in the way.
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            squatter.bind(("127.0.0.1", _CUSTOMARY))
            squatter.listen()
        stack.up()
        try:
            yield stack
        finally:
            stack.down()


@pytest.fixture
def client(stack: Stack) -> Iterator[AirflowClient]:
    with stack.client() as client:
        yield client


def _pids(stack: Stack) -> dict[str, int]:
    return {program.name: program.pid for program in stack.status().programs}


def _eventually(condition: Callable[[], bool], timeout: float = 60.0) -> bool:
    deadline = monotonic() + timeout
    while monotonic() < deadline:
        if condition():
            return True
        sleep(0.2)
    return False


def _succeeded(client: AirflowClient, run_id: str) -> bool:
    with suppress(AirflowUnavailable):
        return client.run("countdown", run_id).state == "success"
    return False


def test_every_part_runs_and_airflow_is_healthy(stack: Stack, client: AirflowClient) -> None:
    status = stack.status()
    assert status.running
    assert {program.name for program in status.programs} == {
        "postgres",
        "object-store",
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
        "web",
    }
    assert [part for part, state in client.health().items() if not state.healthy()] == []
    assert client.import_errors() == []


def test_a_taken_port_is_left_to_its_owner(stack: Stack) -> None:
    addresses = stack.status().addresses
    assert addresses is not None
    assert httpx.URL(addresses.airflow_url).port != _CUSTOMARY


def test_a_dag_is_triggered_and_its_tasks_and_values_are_read(client: AirflowClient) -> None:
    run_id = client.trigger("countdown")
    assert _eventually(lambda: _succeeded(client, run_id), _RUN_SECONDS)
    tasks = {task.task_id: task for task in client.task_instances("countdown", run_id)}
    assert {name: (task.state, task.map_index) for name, task in tasks.items()} == {
        "greet": ("success", -1),
        "wait": ("success", -1),
    }
    assert client.xcom("countdown", run_id, "greet") == "hello"
    assert client.task_state("countdown", run_id, "greet", "progress") is None
    assert run_id in [run.dag_run_id for run in client.runs("countdown")]


def test_what_airflow_refuses_is_said_with_its_reason(client: AirflowClient) -> None:
    with pytest.raises(AirflowRefused, match="no_such_dag"):
        client.trigger("no_such_dag")


def test_a_wrong_password_is_named_but_not_shown(stack: Stack) -> None:
    addresses = stack.status().addresses
    assert addresses is not None
    with (
        AirflowClient(addresses.airflow_url, Login(addresses.username, "wrong-password")) as stranger,
        pytest.raises(ConfigurationError, match="admin") as refusal,
    ):
        stranger.dags()
    assert "wrong-password" not in str(refusal.value)


def test_starting_twice_starts_nothing(stack: Stack) -> None:
    before, steps = _pids(stack), list[str]()
    assert stack.up(steps.append) == stack.status().addresses
    assert _pids(stack) == before
    assert steps == ["The stack is running already"]


def test_anyone_may_read_the_bucket_from_a_web_page_and_only_the_keys_may_write(stack: Stack) -> None:
    variables = stack.settings_environment()
    bucket = boto3.client(
        "s3",
        endpoint_url=variables["R2_ENDPOINT_URL"],
        aws_access_key_id=variables["R2_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["R2_SECRET_ACCESS_KEY"],
        region_name="auto",
    )
    bucket.put_object(Bucket=variables["R2_BUCKET_NAME"], Key="greeting.txt", Body=b"hello")
    url = f"{variables['R2_PUBLIC_URL']}/greeting.txt"
    page = {"Origin": "https://player.example"}
    answer = httpx.get(url, headers=page, trust_env=False)
    assert answer.content == b"hello"
    assert answer.headers["access-control-allow-origin"] in ("*", page["Origin"])
    assert httpx.put(url, content=b"", trust_env=False).status_code == httpx.codes.FORBIDDEN


def test_the_catalog_has_the_schema_and_the_tables_of_the_demo(stack: Stack) -> None:
    dsn = stack.settings_environment()["NIGHTREEL_CATALOG_DSN"]
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('movies'), to_regclass('nightreel.conversions')")
        assert None not in cursor.fetchone()  # type: ignore[operator]


def test_the_pools_are_there_with_the_slots_of_the_settings(stack: Stack) -> None:
    addresses = stack.status().addresses
    assert addresses is not None
    with closing(psycopg2.connect(addresses.airflow_dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pool, slots FROM slot_pool WHERE pool <> 'default_pool'")
        assert dict(cursor.fetchall()) == {"encode": 2, "encode_manual": 1, "upload": 4}


def test_killed_parts_come_back_and_the_run_at_work_succeeds(stack: Stack, client: AirflowClient) -> None:
    run_id = client.trigger("countdown", {"seconds": 6})
    assert _eventually(
        lambda: any(
            task.task_id == "wait" and task.state == "running"
            for task in client.task_instances("countdown", run_id)
        )
    )
    before = _pids(stack)
    for program in KILLED:
        psutil.Process(before[program]).kill()
    assert _eventually(lambda: _succeeded(client, run_id), _RUN_SECONDS)
    # Others end with their database, and come back too.
    assert _eventually(lambda: stack.status().running)
    after = _pids(stack)
    assert all(after[program] != before[program] for program in KILLED)


def test_no_secret_is_in_the_configuration_or_in_a_log(stack: Stack) -> None:
    variables = stack.settings_environment()
    secrets = [variables["R2_SECRET_ACCESS_KEY"], stack.status().addresses.password]  # type: ignore[union-attr]
    logs = [path for path in stack.home.logs.rglob("*") if path.is_file()]
    assert len(logs) > len(_pids(stack))
    for path in [stack.home.supervisor_conf, *logs]:
        text = path.read_text(errors="replace")
        assert [secret for secret in secrets if secret in text] == [], path


def test_down_leaves_no_process_and_the_ports_are_free_for_the_next_start(stack: Stack) -> None:
    assert stack.down()
    assert stray_processes.find(stack.home) == []
    assert not stack.status().running
    assert not stack.down()
