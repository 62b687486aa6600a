"""What breaks in the deployment while a title is converted, and what becomes of the title."""

import time
from typing import Any

import pytest

from nightreel.media.programs.binaries import find_binaries
from tests.compose.conftest import timed
from tests.compose.deployment import Deployment
from tests.compose.processes import container_that_runs
from tests.media.clips import Clip, Sound

_TITLE = "interrupted"
# Long enough to be found in its encode and to be killed there.
_CLIP = Clip(picture="testsrc2=size=640x360:rate=25", seconds=60, sounds=(Sound(seconds=60),))
# Less than the ten minutes after which Airflow gives up a task that no worker began.
_PATIENCE_SECONDS = 540


@pytest.fixture(scope="module")
def killed(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The host name of a worker that was killed in an encode; the database and the queue went too."""
    file = _CLIP.write(tmp_path_factory.mktemp("clips") / f"{_TITLE}.mp4", find_binaries().ffmpeg)
    deployment.compose("cp", file, "web:/tmp/")
    deployment.nightreel("add", f"/tmp/{file.name}", "--type", "movie", service="web")
    deployment.nightreel("backlog", service="web")
    with timed("until a worker encodes"):
        worker = _worker_that_encodes(deployment)
    # Docker starts nothing again that a person killed.
    deployment.engine.docker("kill", worker)
    with timed("docker compose restart postgres redis"):
        deployment.compose("restart", "postgres", "redis")
        deployment.compose("up", "--wait", "--no-recreate", "postgres", "redis")
    return worker[:12]


def test_a_title_whose_worker_is_killed_is_published_by_another(deployment: Deployment, killed: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with timed("from the killed worker to the published title"):
        while (state := _state(deployment)) != "published":
            assert time.monotonic() < deadline, f"it is still {state}"
            assert state not in ("failed", "quarantined")
            time.sleep(5)
    again = [task for task in _encodes(deployment) if task["try_number"] > 1]
    assert again
    assert killed not in {task["hostname"] for task in again}


def _worker_that_encodes(deployment: Deployment) -> str:
    """The id of its container."""
    workers = deployment.compose("ps", "--quiet", "airflow-worker").split()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (worker := container_that_runs("libx264", workers)) is None:
        assert time.monotonic() < deadline, "no worker encodes anything"
        time.sleep(0.05)
    return worker


def _state(deployment: Deployment) -> str:
    return "".join(title["state"] for title in deployment.titles() if title["title"] == _TITLE)


def _encodes(deployment: Deployment) -> list[dict[str, Any]]:
    """The tasks of the newest run that encode."""
    newest = deployment.airflow("/api/v2/dags/convert_title/dagRuns?order_by=-run_after&limit=1")
    run = newest["dag_runs"][0]["dag_run_id"]
    tasks = deployment.airflow(f"/api/v2/dags/convert_title/dagRuns/{run}/taskInstances?limit=100")
    return [task for task in tasks["task_instances"] if task["pool"] == "encode"]
