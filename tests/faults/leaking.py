"""Looks for secrets wherever people, programs or the public may read: while the night lasts, and after it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil

from tests.faults.scene import Scene

_INTERVAL_SECONDS = 1.0
_TABLES = ("xcom", "rendered_task_instance_fields", "task_state_store", "log", "dag_run", "task_instance")
_TEXTS = (".m3u8", ".mpd", ".json", ".vtt")
_OWN_PROGRAMS = ("python", "airflow")


class Leaks:
    """What was found so far; the names of secrets, never the secrets."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.found: list[str] = []

    def search(self) -> None:
        """Airflow's tables, logs, and what is public, once the night is over."""
        ground = self._scene.ground
        for table in _TABLES:
            rows = ground.rows(f"SELECT * FROM {table}", dsn=ground.addresses.airflow_dsn)
            self._look(f"Airflow's table {table}", "\n".join(map(str, rows)))
        for folder in (ground.home.logs, ground.home.airflow / "logs", ground.home.reports):
            for path in folder.rglob("*"):
                if path.is_file():
                    self._look(str(path.relative_to(ground.home.root)), path.read_text(errors="replace"))
        for key in self._public_keys():
            self._look("the bucket's keys", key)
            if key.endswith(_TEXTS):
                body = ground.s3.get_object(Bucket=ground.addresses.bucket, Key=key)["Body"].read()
                self._look(key, body.decode(errors="replace"))

    def look_at_programs(self) -> None:
        """The environments and command lines of what tasks have started."""
        for process in _started_by(self._scene):
            try:
                words, environment = process.cmdline(), process.environ()
            except psutil.Error:
                continue
            if words and not words[0].rpartition("/")[2].startswith(_OWN_PROGRAMS):
                name = words[0].rpartition("/")[2]
                self._look(f"the command line of {name}", " ".join(words))
                self._look(f"the environment of {name} {' '.join(words[1:2])}", str(environment))

    def _public_keys(self) -> list[str]:
        bucket = self._scene.ground.addresses.bucket
        pages = self._scene.ground.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def _look(self, place: str, content: str) -> None:
        for name, secret in self._secrets().items():
            said = f"{name} in {place}"
            if secret in content and said not in self.found:
                self.found.append(said)

    def _secrets(self) -> Mapping[str, str]:
        signed = {f"signature {each[:6]}…": each for each in self._scene.library.signatures}
        return {**self._scene.ground.secrets(), **signed}


@contextmanager
def looking(scene: Scene) -> Iterator[Leaks]:
    """Looks at programs for the length of a block."""
    leaks, stop = Leaks(scene), threading.Event()

    def look() -> None:
        while not stop.wait(_INTERVAL_SECONDS):
            leaks.look_at_programs()

    thread = threading.Thread(target=look, name="leaks", daemon=True)
    thread.start()
    try:
        yield leaks
    finally:
        stop.set()
        thread.join()


def _started_by(scene: Scene) -> list[psutil.Process]:
    try:
        scheduler = scene.ground.supervisor.states().get("scheduler")
        return psutil.Process(scheduler.pid).children(recursive=True) if scheduler and scheduler.pid else []
    except (psutil.Error, OSError):
        return []
