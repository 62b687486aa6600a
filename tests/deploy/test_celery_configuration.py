"""A worker that has lost its queue for a while gives new tasks to the processes that are free."""

import pkgutil
from types import SimpleNamespace

from celery.concurrency.asynpool import RUN, AsynPool

from tests.deploy import compose

_OPTION = "AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS"


def _job(process: int, *, accepted: bool = True, ended: bool = False) -> SimpleNamespace:
    written_to = SimpleNamespace(inqW_fd=process)
    return SimpleNamespace(
        _accepted=accepted, _write_to=written_to, _writer=lambda: None, ready=lambda: ended
    )


def _flushed(*jobs: SimpleNamespace) -> set[int]:
    """The processes of a pool that count as busy after the connection was lost, all having been so."""
    cache = dict(enumerate(jobs))
    for number, job in enumerate(jobs):
        job.discard = lambda number=number: cache.pop(number)
    pool = SimpleNamespace(
        _state=RUN,
        _cache=cache,
        synack=False,
        outbound_buffer=[],
        maintain_pool=lambda: None,
        _active_writers=set(),
        _active_writes=set(),
        _busy_workers={job._write_to.inqW_fd for job in jobs},
    )
    AsynPool.flush(pool)
    return pool._busy_workers


def test_the_containers_read_the_configuration_and_it_is_that_of_the_provider() -> None:
    from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG

    for name in ("airflow-scheduler", "airflow-worker"):
        given = compose.environment(name, compose.filled_in())[_OPTION]
        module, _, attribute = given.rpartition(".")
        assert pkgutil.resolve_name(f"{module}:{attribute}") is DEFAULT_CELERY_CONFIG


def test_a_process_that_runs_a_task_is_busy_after_the_queue_was_away() -> None:
    import nightreel.orchestration.celery_configuration  # noqa: F401

    assert _flushed(_job(11), _job(12, ended=True), _job(13, accepted=False)) == {11}
