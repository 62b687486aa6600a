"""Celery's configuration, for Airflow's option `[celery] celery_config_options`.

It is the provider's own. When a worker reads it, this module also corrects the worker's pool: after an
outage of the queue, Celery before 5.7 forgets which of its processes are busy. The next task then goes to
a busy one and waits for it, although others are idle: a rendition could wait for the night that waits for
it.
"""

from collections.abc import Callable
from functools import wraps

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG
from celery import VERSION
from celery.concurrency.asynpool import AsynPool

_MENDED = (5, 7)


def keeping_busy_workers(flush: Callable[[AsynPool], None]) -> Callable[[AsynPool], None]:
    """`flush`, but afterwards the pool still knows which processes are running a task."""

    @wraps(flush)
    def flush_and_remember(pool: AsynPool) -> None:
        flush(pool)
        # What is left was accepted; `flush` discards the rest, which the queue delivers again.
        running = [job for job in pool._cache.values() if job._accepted and not job.ready()]
        pool._busy_workers.update(job._write_to.inqW_fd for job in running if job._write_to)

    return flush_and_remember


if tuple(VERSION[:2]) < _MENDED:
    AsynPool.flush = keeping_busy_workers(AsynPool.flush)

CONFIGURATION = DEFAULT_CELERY_CONFIG
