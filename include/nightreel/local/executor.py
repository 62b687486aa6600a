"""The executor of the embedded stack: Airflow's LocalExecutor, whose scheduler ends when it is over.

Airflow's waits for its tasks first. A scheduler that ends by an error, as when the database was
read-only for a moment, would wait for a night that waits for its titles, which nobody begins any
more: until the night's time is up, and the supervisor sees a program that runs.
"""

import psutil
from airflow.executors.local_executor import LocalExecutor

_GONE_SECONDS = 10.0


class PromptExecutor(LocalExecutor):
    """Its tasks are killed with it: what vanished is run again by the next scheduler, and loses no try."""

    def end(self) -> None:
        started = [process for worker in self.workers.values() for process in _started_by(worker.pid)]
        for worker in self.workers.values():
            worker.kill()
            # Its own wait, which has to see the end that nobody else has seen.
            worker.join(_GONE_SECONDS)
        for process in started:
            _kill(process)
        super().end()


def _started_by(pid: int | None) -> list[psutil.Process]:
    """All that a worker has started, whatever group or session that is in; it starts nothing more."""
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
