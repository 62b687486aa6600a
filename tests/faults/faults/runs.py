"""What people do to runs: begin many of one title, mark them, clear them, delete them."""

from random import Random
from typing import Any
from urllib.parse import quote

import httpx

from tests.faults.scene import Scene, found_in_time, found_in_work

_DAG = "convert_title"
_UNFINISHED = ("queued", "running")


def ten_at_once(scene: Scene, random: Random) -> str | None:
    titles = scene.in_work() or sorted(scene.library.wanted)
    if not titles:
        return None
    force = random.random() < 0.5
    conf = {"content_type": "movie", "content_id": str(random.choice(titles)), "force": force}
    for _ in range(10):
        scene.ground.trigger(_DAG, conf)
    return f"movie {conf['content_id']} triggered ten times by hand{' with force' if force else ''}"


def two_nights(scene: Scene, random: Random) -> str | None:
    """Beside the one that there is."""
    for _ in range(2):
        scene.ground.trigger("nightly_backlog")
    return "two nights begun at once"


def mark_failed(scene: Scene, random: Random) -> str | None:
    run = _unfinished(scene, random)
    if run is None:
        return None
    scene.marked_runs.add(run["dag_run_id"])
    scene.ground.airflow("PATCH", _path(run), {"state": "failed"})
    return f"{run['dag_run_id']} marked failed"


def mark_and_delete(scene: Scene, random: Random) -> str | None:
    """Airflow deletes no run that is at work; a person who wants it gone marks it first."""
    run = _unfinished(scene, random)
    if run is None:
        return None
    scene.marked_runs.add(run["dag_run_id"])

    def deleted() -> bool | None:
        try:
            scene.ground.airflow("PATCH", _path(run), {"state": "failed"})
            scene.ground.airflow("DELETE", _path(run))
        except httpx.HTTPStatusError as error:
            # Its teardowns have it running again.
            return True if error.response.status_code == httpx.codes.NOT_FOUND else None
        return True

    return f"{run['dag_run_id']} marked failed and deleted" if found_in_time(deleted, 20) else None


def clear(scene: Scene, random: Random) -> str | None:
    run = _unfinished(scene, random)
    if run is None:
        return None
    scene.ground.airflow("POST", f"{_path(run)}/clear", {"dry_run": False})
    return f"{run['dag_run_id']} cleared"


def _unfinished(scene: Scene, random: Random) -> dict[str, Any] | None:
    def look() -> dict[str, Any] | None:
        runs = [each for each in scene.ground.runs(_DAG, scene.since) if each["state"] in _UNFINISHED]
        return random.choice(sorted(runs, key=lambda run: str(run["dag_run_id"]))) if runs else None

    return found_in_work(scene, random, look)


def _path(run: dict[str, Any]) -> str:
    return f"/dags/{_DAG}/dagRuns/{quote(run['dag_run_id'], safe='')}"
