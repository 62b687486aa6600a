"""Celery's configuration, for Airflow's option `[celery] celery_config_options`.

It is the provider's own. Reading it corrects the pool of the worker that reads it: Celery
before 5.7 forgets, after an outage of the queue, which of its processes are busy. The next task then
goes to one of them, and waits for as long as that one works, although others are idle:
a rendition behind the night that waits for it.
"""

from collections.abc import Callable
from functools import wraps

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG
from celery import VERSION
from celery.concurrency.asynpool import AsynPool

_MENDED = (5, 7)


def keeping_busy_workers(flush: Callable[[AsynPool], None]) -> Callable[[AsynPool], None]:
    """`flush`, after which the processes that run a task are still known to be busy."""

    @wraps(flush)
    def flush_and_remember(pool: AsynPool) -> None:
        flush(pool)
        # What is left is accepted: `flush` discards the rest, which the queue delivers again.
        running = [job for job in pool._cache.values() if job._accepted and not job.ready()]
        pool._busy_workers.update(job._write_to.inqW_fd for job in running if job._write_to)

    return flush_and_remember


if tuple(VERSION[:2]) < _MENDED:
    AsynPool.flush = keeping_busy_workers(AsynPool.flush)

CONFIGURATION = DEFAULT_CELERY_CONFIG
