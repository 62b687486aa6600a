"""Follows jobs: all clients share the same observations."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

from nightreel.catalog.runs import RunAtWork
from nightreel.errors import Transient
from nightreel.web.access import Caller
from nightreel.web.jobs.models import JobStatus, JobSummary
from nightreel.web.jobs.status import status_of
from nightreel.web.jobs.weights import UNKNOWN, Weights, weights_of
from nightreel.web.services import Services
from nightreel.web.single_flight import SingleFlight

_MOVING_SECONDS = 1.0
_OVER_SECONDS = 30.0
_HISTORY = 50
# One look is several requests to Airflow, and a busy machine needs its time for encoding.
_REST_FACTOR = 50.0
_WEIGHTS_SECONDS = 600.0
_ALL = "all that run"


class JobLooks:
    """Follows the jobs of one app for all its clients."""

    def __init__(self) -> None:
        self._jobs: SingleFlight[JobStatus | None] = SingleFlight(_fresh_seconds, rest_factor=_REST_FACTOR)
        self._running: SingleFlight[list[RunAtWork]] = SingleFlight(
            lambda _: _MOVING_SECONDS, rest_factor=_REST_FACTOR, threads=1
        )
        self._weights, self._weighed = UNKNOWN, float("-inf")

    async def status(self, services: Services, caller: Caller, run_id: str) -> JobStatus | None:
        """The job's progress; None if nobody knows it. Raises what `status_of` does."""
        return await self._jobs.see(run_id, partial(self._look, services, caller, run_id))

    async def statuses(self, services: Services, caller: Caller, run_id: str) -> AsyncIterator[JobStatus]:
        """Each status that differs from the previous one, until the job is over.

        Waits through late responses and short outages.
        """
        said: JobStatus | None = None
        while True:
            with suppress(Transient):
                status = await self.status(services, caller, run_id)
                if status is not None and status != said:
                    said = status
                    yield status
            if said is not None and said.is_over:
                return
            await asyncio.sleep(_MOVING_SECONDS)

    async def running(self, services: Services, caller: Caller) -> list[JobSummary]:
        """All jobs that are working on a title now."""
        running = await self._running.see(_ALL, services.catalog.runs.running)
        found = await asyncio.gather(*(self.status(services, caller, job.run_id) for job in running))
        return [
            JobSummary(**status.model_dump(include=set(JobSummary.model_fields)))
            for status in found
            if status is not None and not status.is_over
        ]

    async def lists_of_running(self, services: Services, caller: Caller) -> AsyncIterator[list[JobSummary]]:
        """Each list of running jobs that differs from the previous one, without end."""
        said: list[JobSummary] | None = None
        while True:
            with suppress(Transient):
                now = await self.running(services, caller)
                if now != said:
                    said = now
                    yield now
            await asyncio.sleep(_MOVING_SECONDS)

    def _look(self, services: Services, caller: Caller, run_id: str) -> JobStatus | None:
        return status_of(services, caller, run_id, self._present_weights(services))

    def _present_weights(self, services: Services) -> Weights:
        if time.monotonic() - self._weighed > _WEIGHTS_SECONDS:
            self._weights = weights_of(services.catalog.runs.conversion_times(_HISTORY))
            self._weighed = time.monotonic()
        return self._weights


def _fresh_seconds(status: JobStatus | None) -> float:
    return _OVER_SECONDS if status is not None and status.is_over else _MOVING_SECONDS
