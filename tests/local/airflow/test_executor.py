"""The embedded stack's executor: what is killed stops nothing else, and leaves nothing running."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

from nightreel.local.environment import _EXECUTOR

_CALLBACKS = """
import os, subprocess, time

def forever(told):
    program = subprocess.Popen(["sleep", "3600"], start_new_session=True)
    with open(told + ".part", "w") as file:
        file.write(f"{os.getpid()} {program.pid}")
    os.rename(told + ".part", told)
    time.sleep(3600)

def nothing():
    pass
"""

# Airflow's own callbacks are work that needs neither a DAG nor a server.
_SCHEDULER = """
import multiprocessing, os, sys, time, uuid
from airflow.executors.executor_loader import ExecutorLoader
from airflow.executors.workloads.base import BundleInfo
from airflow.executors.workloads.callback import CallbackDTO, ExecuteCallback

executor = ExecutorLoader.get_default_executor()
executor.parallelism = 2
executor.start()

def give(name, **kwargs):
    data = {"path": f"given.{name}", "kwargs": kwargs}
    callback = CallbackDTO(id=str(uuid.uuid4()), fetch_method="import_path", data=data)
    work = ExecuteCallback(
        callback=callback, dag_rel_path="", token="", log_path=None, bundle_info=BundleInfo(name="none")
    )
    executor.queued_callbacks[work.key] = work
    executor.running.add(work.key)
    executor._process_workloads([work])
    return work.key

def end_of(key):
    ends = time.monotonic() + 45
    while time.monotonic() < ends:
        executor.sync()
        state, why = executor.event_buffer.get(key, (None, None))
        if state in ("success", "failed"):
            return f"{state} {why}"
        time.sleep(0.05)
    return "nothing was told"

def started(path):
    while not os.path.exists(path):
        time.sleep(0.05)
    return open(path).read()

told = sys.argv[1]
endless = give("forever", told=told)
print("task and program:", started(told), flush=True)
"""

_WAITS = """
from airflow.jobs import scheduler_job_runner
from nightreel.local.airflow.scheduler import wake_when_a_task_ends

wake_when_a_task_ends()

def waits(when, seconds):
    began = time.monotonic()
    scheduler_job_runner.time.sleep(seconds)
    print(f"{when}: {'slept' if time.monotonic() - began >= seconds else 'woken'}", flush=True)

waits("while it runs", 0.2)
for worker in multiprocessing.active_children():
    worker.kill()
waits("after its end", 30)
end_of(endless)
waits("once that is reported", 0.2)
"""

_ALL_WORKERS_ARE_KILLED = """
for worker in multiprocessing.active_children():
    worker.kill()
print("the endless task:", end_of(endless))
print("the next task:", end_of(give("nothing")), flush=True)
"""


def test_a_worker_that_is_killed_fails_its_task_at_once_and_stops_no_other(tmp_path: Path) -> None:
    told = _told_by(_SCHEDULER + _ALL_WORKERS_ARE_KILLED + "executor.end()", tmp_path)
    assert told["the endless task"] == "failed its worker was killed"
    assert told["the next task"] == "success None"


def test_the_scheduler_wakes_when_a_task_ends_and_not_before(tmp_path: Path) -> None:
    told = _told_by(_SCHEDULER + _WAITS + "executor.end()", tmp_path)
    waited = {when: told[when] for when in ("while it runs", "after its end", "once that is reported")}
    assert list(waited.values()) == ["slept", "woken", "slept"], waited


def test_a_task_ends_with_the_worker_that_watches_it(tmp_path: Path) -> None:
    told = _told_by(_SCHEDULER + _ALL_WORKERS_ARE_KILLED + "os._exit(0)", tmp_path)
    task, program = (int(word) for word in told["task and program"].split())
    # Programs of tasks see to their own end (tests/media/programs); this one does not.
    psutil.Process(program).kill()
    assert not _runs(task)


def test_a_scheduler_that_ends_does_not_wait_for_its_tasks(tmp_path: Path) -> None:
    told = _told_by(_SCHEDULER + "executor.end()", tmp_path)
    assert [pid for pid in told["task and program"].split() if _runs(int(pid))] == []


def _told_by(program: str, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "given.py").write_text(_CALLBACKS)
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__EXECUTOR": _EXECUTOR,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]),
    }
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "told")],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=180,
        check=True,
    )
    # Airflow tells of its own beside it.
    said = (line.partition(": ") for line in ended.stdout.splitlines())
    return {what: value for what, _, value in said}


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
