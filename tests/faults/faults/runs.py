"""What people do to runs: begin many of one title, mark them, clear them."""

from random import Random
from typing import Any
from urllib.parse import quote

from tests.faults.faults.rows import in_work
from tests.faults.plan import GOOD_TITLES
from tests.faults.scene import Scene, found_in_time

_DAG = "convert_title"
_UNFINISHED = ("queued", "running")


def three_at_once(scene: Scene, random: Random) -> str | None:
    title = random.choice(in_work(scene) or list(GOOD_TITLES))
    conf = {"content_type": "movie", "content_id": str(title), "force": random.random() < 0.5}
    for _ in range(3):
        scene.ground.trigger(_DAG, conf)
    return f"movie {title} triggered three times by hand{' with force' if conf['force'] else ''}"


def mark_failed(scene: Scene, random: Random) -> str | None:
    run = _unfinished(scene, random)
    if run is None:
        return None
    scene.ground.airflow("PATCH", _path(run), {"state": "failed"})
    scene.marked_runs.add(run["dag_run_id"])
    return f"{run['dag_run_id']} marked failed"


def clear(scene: Scene, random: Random) -> str | None:
    run = _unfinished(scene, random)
    if run is None:
        return None
    scene.ground.airflow("POST", f"{_path(run)}/clear", {"dry_run": False})
    return f"{run['dag_run_id']} cleared"


def _unfinished(scene: Scene, random: Random) -> dict[str, Any] | None:
    def look() -> dict[str, Any] | None:
        runs = [each for each in scene.ground.runs(_DAG) if each["state"] in _UNFINISHED]
        return random.choice(sorted(runs, key=lambda run: str(run["dag_run_id"]))) if runs else None

    return found_in_time(look)


def _path(run: dict[str, Any]) -> str:
    return f"/dags/{_DAG}/dagRuns/{quote(run['dag_run_id'], safe='')}"
