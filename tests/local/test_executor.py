"""A scheduler that ends takes its tasks with it, so that the supervisor can start the next one."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

from nightreel.local.environment import _EXECUTOR

# A worker as LocalExecutor has it, in the middle of a task that goes on for ever and has started a program.
_SCHEDULER = """
import multiprocessing, subprocess, time
from airflow.executors.executor_loader import ExecutorLoader

def work(told):
    told.send(subprocess.Popen(["sleep", "3600"], start_new_session=True).pid)
    time.sleep(3600)

executor = ExecutorLoader.get_default_executor()
executor.parallelism = 2
executor.start()
here, there = multiprocessing.Pipe()
busy = multiprocessing.Process(target=work, args=(there,))
busy.start()
executor.workers[busy.pid] = busy
print("started", *executor.workers, here.recv(), flush=True)
executor.end()
"""


def test_a_scheduler_that_ends_does_not_wait_for_its_tasks(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__EXECUTOR": _EXECUTOR,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    ended = subprocess.run(
        [sys.executable, "-c", _SCHEDULER],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    # Airflow tells of its own beside it.
    (told,) = (line for line in ended.stdout.splitlines() if line.startswith("started "))
    started = [int(word) for word in told.split()[1:]]
    assert len(started) == 4
    assert [pid for pid in started if _runs(pid)] == []


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
