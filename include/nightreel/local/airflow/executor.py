"""The executor of the embedded stack: a process for each task, which shares nothing with the others.

The workers of Airflow's LocalExecutor wait at one queue. The one that waits holds the queue's lock, so if
it is killed while idle, all others stop for good. Nothing reports a worker that is killed while working.
And a scheduler that fails, as when the database is read-only for a moment, first waits for its tasks: for
a night that waits for titles that nobody starts any more.
"""

import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

import psutil
from airflow.executors.base_executor import BaseExecutor, get_execution_api_server_url
from airflow.executors.local_executor import LocalExecutor
from airflow.executors.workloads import ExecutorWorkload

if TYPE_CHECKING:
    from airflow.executors.workloads.types import WorkloadState

_GONE_SECONDS = 10.0
_SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


_AWAITED: set[Connection] = set()
"""The pipes of all workers of this process's executors."""


@dataclass(frozen=True)
class Worker:
    """The process that watches one task, and the pipe on which it reports how the task ended."""

    process: Process
    workload: ExecutorWorkload
    told: Connection


class PromptExecutor(LocalExecutor):
    """A task fails at once when its worker does. Tasks are killed with their scheduler, and run again."""

    def start(self) -> None:
        """No idle workers: each task gets its own process."""
        self.at_work: list[Worker] = []

    def _process_workloads(self, workload_list: Sequence[ExecutorWorkload]) -> None:
        for workload in workload_list:
            queues: tuple[dict[Any, Any], ...] = (
                self.queued_tasks,
                self.queued_callbacks,
                self.queued_connection_tests,
            )
            for queue in queues:
                queue.pop(workload.key, None)
            self.at_work.append(self._started(workload))
            if workload.running_state is not None:
                self.change_state(workload.key, workload.running_state, remove_running=False)

    def _started(self, workload: ExecutorWorkload) -> Worker:
        here, there = Pipe(duplex=False)
        server = get_execution_api_server_url(self.conf)
        process = Process(target=_work, args=(workload, server, there), name=workload.display_name)
        # Memory is shared between the scheduler and its workers as long as neither writes to it.
        gc.freeze()
        try:
            process.start()
        finally:
            gc.unfreeze()
        # Only the worker has the writing end, so that the pipe closes when it ends.
        there.close()
        _AWAITED.add(here)
        return Worker(process, workload, here)

    def sync(self) -> None:
        """Reports the tasks that have ended to the scheduler."""
        for worker in [each for each in self.at_work if each.told.poll()]:
            self.at_work.remove(worker)
            self._tell_end_of(worker)

    def _tell_end_of(self, worker: Worker) -> None:
        state, why = _told(worker)
        _AWAITED.discard(worker.told)
        worker.told.close()
        worker.process.join(_GONE_SECONDS)
        self.change_state(worker.workload.key, state, why)

    def end(self) -> None:
        """Kills running workers, and everything that they started."""
        started = [process for each in self.at_work for process in _started_by(each.process.pid)]
        for worker in self.at_work:
            worker.process.kill()
            # The executor's own wait, because it must be the first to see the end.
            worker.process.join(_GONE_SECONDS)
        for process in started:
            _kill(process)
        _AWAITED.difference_update(worker.told for worker in self.at_work)
        self.at_work.clear()


def wait_for_an_end(seconds: float) -> None:
    """Waits until a task ends whose end was not reported yet, but no longer than this."""
    if _AWAITED:
        wait(_AWAITED, seconds)
    else:
        time.sleep(seconds)


def _work(workload: ExecutorWorkload, server: str, told: Connection) -> None:
    """Runs a task to its end, in a separate process. Ctrl-C is for the scheduler."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _let_tasks_end_with(os.getpid())
    try:
        title = f"airflow worker -- LocalExecutor: {workload.display_name}"
        BaseExecutor.run_workload(workload, server=server, proctitle=title, subprocess_logs_to_stdout=True)
    except Exception as error:
        told.send((workload.failure_state, f"{type(error).__name__}: {error}"))
        raise
    told.send((workload.success_state, None))


def _told(worker: Worker) -> tuple["WorkloadState", str | None]:
    """How a task ended, and why if it failed. A worker that reports nothing was killed."""
    try:
        state, why = worker.told.recv()
    except (EOFError, OSError):
        return worker.workload.failure_state, "its worker was killed"
    return state, why


def _let_tasks_end_with(worker: int) -> None:
    """Kills what a worker forks with it: nobody would watch it, and the task is run again."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)

    def end_with_worker() -> None:
        if os.getppid() == worker:
            libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)

    os.register_at_fork(after_in_child=end_with_worker)


def _started_by(pid: int | None) -> list[psutil.Process]:
    """Everything that a worker has started, in any group or session; stops it from starting more."""
    try:
        worker = psutil.Process(pid)
        worker.suspend()
        return list(worker.children(recursive=True))
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        return
