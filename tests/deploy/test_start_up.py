"""What decides whether `docker compose up --build --wait` ends well, on a busy machine too."""

import re
import subprocess
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from nightreel.local.addresses import StackAddresses
from nightreel.local.credentials import Credentials
from nightreel.local.environment import Project, stack_environment
from nightreel.local.home import Home
from nightreel.places import PROJECT_ROOT
from nightreel.settings import load_settings
from tests.deploy import compose
from tests.deploy.commands import commands

_CHECKED = {name: service for name, service in compose.services().items() if "healthcheck" in service}
_BUSY_MACHINE_SECONDS = 300

# Where a run of Airflow is given up, or given to another.
_PATIENCE = (
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL",
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT",
    "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS",
)


def _seconds(text: str) -> int:
    assert text.endswith("s")
    return int(text.removesuffix("s"))


def test_the_image_is_built_and_exported_once_for_all_that_run_it() -> None:
    assert [name for name, service in compose.services().items() if "build" in service] == ["airflow-init"]


@pytest.mark.parametrize("name", sorted(compose.airflow_services()))
def test_the_image_is_never_looked_for_in_a_registry(name: str) -> None:
    assert compose.airflow_services()[name]["pull_policy"] == "never"


@pytest.mark.parametrize(
    "name", sorted(set(compose.airflow_services()) - {"airflow-init", "local-bucket-init"})
)
def test_what_runs_the_image_waits_for_the_service_that_builds_it(name: str) -> None:
    assert "airflow-init" in compose.services()[name]["depends_on"]


@pytest.mark.parametrize("name", compose.ONE_SHOT)
def test_the_end_of_a_one_shot_service_is_waited_for(name: str) -> None:
    # Else `up --wait` takes it for a service that died, and exits with 1.
    waiting = [
        service["depends_on"].get(name) for service in compose.services().values() if "depends_on" in service
    ]
    assert {"service_completed_successfully"} == {rule["condition"] for rule in waiting if rule}


def test_what_waits_for_a_service_of_a_profile_starts_without_that_profile() -> None:
    for service in compose.services().values():
        for other, rule in service.get("depends_on", {}).items():
            profiles = set(compose.services()[other].get("profiles", []))
            assert rule.get("required", True) or profiles
            assert profiles <= set(service.get("profiles", [])) or not rule.get("required", True)


@pytest.mark.parametrize("name", sorted(_CHECKED))
def test_a_service_has_minutes_to_come_up_before_it_counts_as_unhealthy(name: str) -> None:
    assert _seconds(_CHECKED[name]["healthcheck"]["start_period"]) >= _BUSY_MACHINE_SECONDS


@pytest.mark.parametrize("name", sorted(_CHECKED))
def test_a_service_that_stops_answering_is_unhealthy_within_minutes(name: str) -> None:
    check = _CHECKED[name]["healthcheck"]
    assert check["retries"] * (_seconds(check["interval"]) + _seconds(check["timeout"])) <= 10 * 60


@pytest.mark.parametrize("name", sorted(compose.airflow_services().keys() & _CHECKED.keys()))
def test_a_check_of_airflow_that_takes_too_long_ends(name: str) -> None:
    # Docker before 25 leaves it running, and starts the next one beside it.
    check: dict[str, Any] = _CHECKED[name]["healthcheck"]
    if check["test"][0] == "CMD":
        assert check["test"][1] == "curl"
        assert int(check["test"][check["test"].index("--max-time") + 1]) < _seconds(check["timeout"])
    else:
        _before, _, after = check["test"][1].partition("timeout ")
        assert int(after.split()[0]) < _seconds(check["timeout"])


@pytest.mark.parametrize("command", [command for command in commands() if command[0] == "curl"], ids=" ".join)
def test_a_check_by_curl_passes_on_an_answer_and_fails_without_one(command: tuple[str, ...]) -> None:
    class Answering(BaseHTTPRequestHandler):
        status = HTTPStatus.OK

        def do_GET(self) -> None:
            self.send_response(self.status)
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = urlsplit(command[-1])._replace(netloc=f"127.0.0.1:{server.server_port}").geturl()
        check = [*command[:-1], address]
        assert subprocess.run(check, capture_output=True, check=False).returncode == 0
        Answering.status = HTTPStatus.SERVICE_UNAVAILABLE
        assert subprocess.run(check, capture_output=True, check=False).returncode != 0
        server.shutdown()
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0


def test_a_dead_worker_is_noticed_as_soon_as_in_the_embedded_stack() -> None:
    nowhere = dict.fromkeys(StackAddresses.model_fields, "http://nowhere")
    ports = dict.fromkeys(("airflow", "worker_logs", "trigger_logs"), 1)
    embedded = stack_environment(
        Home(Path("/srv")),
        StackAddresses(**nowhere),
        ports,
        Credentials.generate(),
        Project(),
        load_settings(_env_file=None),
    )
    worker = compose.environment("airflow-worker", compose.filled_in())
    assert {name: worker.get(name) for name in _PATIENCE} == {name: embedded[name] for name in _PATIENCE}


def test_one_url_of_the_local_bucket_holds_within_containers_and_on_this_machine() -> None:
    variables = compose.filled_in(LOCAL_BUCKET_PORT="9000")
    service = compose.services()["local-bucket"]
    given = [compose.interpolate(part, variables) for part in (*service["command"], *service["ports"])]
    assert "-s3.port=9000" in given
    assert "127.0.0.1:9000:9000" in given
    # RFC 6761 section 6.3: names below localhost are this machine's own.
    assert service["networks"]["default"]["aliases"] == ["bucket.localhost"]
    explanations = {variable.name: variable.explanation for variable in compose.example()}
    assert "http://bucket.localhost:8333" in explanations["R2_ENDPOINT_URL"]
    assert "http://bucket.localhost:8333/<bucket>" in explanations["R2_PUBLIC_URL"]


def test_readme_and_the_file_name_the_same_compose_version() -> None:
    named = re.compile(r"Docker Compose (\d+\.\d+\.\d+) or later")
    texts = [(PROJECT_ROOT / name).read_text() for name in ("README.md", "docker-compose.yaml")]
    # Inline `content` of configs came with this one.
    assert [named.findall(text) for text in texts] == [["2.23.1"], ["2.23.1"]]
