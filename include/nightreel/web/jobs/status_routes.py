"""The routes for following jobs: their status, at once or as it changes."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Depends, Path, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from nightreel.web.access import Reader, needs
from nightreel.web.jobs.looks import JobLooks
from nightreel.web.jobs.models import JobStarted, JobStatus
from nightreel.web.problems import Problem, documented
from nightreel.web.services import GivenServices

_STATUS_ROUTE = "processing_status"

StatusOf: TypeAlias = Callable[..., Coroutine[Any, Any, JobStatus]]
"""A dependency: the status of the job in the path. Raises Problem 404 for an unknown job."""

# Airflow's names of runs; to Airflow, one that begins with ~ means all runs.
_RUN_ID = r"^[A-Za-z0-9_][A-Za-z0-9_.~:+-]{0,249}$"
RunId = Annotated[str, Path(pattern=_RUN_ID)]
JobId = Annotated[str, Path(alias="job_id", pattern=_RUN_ID, examples=["api__movie_123__6f2c1a9b04de"])]
"""The id of a run, as the API's paths call it."""

_EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events as they happen",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'event: status\ndata: {"status": "processing", "progress": 45}\n\n',
            }
        },
    }
}


def status_endpoint(request: Request, run_id: str) -> str:
    """The path of the job's status on this server."""
    return request.url_for(_STATUS_ROUTE, job_id=run_id).path


def started(request: Request, run_id: str) -> JobStarted:
    """The response to the caller who queued the job."""
    return JobStarted(
        job_id=run_id,
        message="Conversion queued.",
        status_endpoint=status_endpoint(request, run_id),
    )


def status_dependency(looks: JobLooks) -> StatusOf:
    """The status of the job in a path, if its caller may see it; otherwise 404."""

    async def known_status(run_id: JobId, services: GivenServices, caller: Reader) -> JobStatus:
        status = await looks.status(services, caller, run_id)
        if status is None:
            raise Problem(404, "No such job", f"There is no job {run_id}.")
        return status

    return known_status


def add_status_routes(router: APIRouter, looks: JobLooks, known_status: StatusOf) -> None:
    """Adds the routes that report a job's progress."""

    @router.get(
        "/api/v1/video/processing-status/{job_id}",
        name=_STATUS_ROUTE,
        summary="Get a job's progress",
        response_model_exclude_none=True,
        responses=documented(401, 403, 404, 422, 502, 503),
        dependencies=[needs("read")],
    )
    async def processing_status(status: Annotated[JobStatus, Depends(known_status)]) -> JobStatus:
        """Get a job's progress. It may be polled as often as you like: all clients share one answer."""
        return status

    @router.get(
        "/api/v1/video/processing-status/{job_id}/events",
        summary="Follow a job",
        response_class=EventSourceResponse,
        responses=_EVENT_STREAM | documented(401, 403, 404, 422, 502, 503),
        dependencies=[Depends(known_status)],
    )
    async def processing_events(
        run_id: JobId, services: GivenServices, caller: Reader
    ) -> AsyncIterator[ServerSentEvent]:
        """Server-sent events `status`: a job's status, whenever it changes, until the job is over."""
        async for status in looks.statuses(services, caller, run_id):
            yield ServerSentEvent(event="status", data=status.model_dump(mode="json", exclude_none=True))

    @router.get(
        "/api/v1/jobs/events",
        summary="Follow all running jobs",
        response_class=EventSourceResponse,
        responses=_EVENT_STREAM | documented(401, 403, 503),
    )
    async def running_events(services: GivenServices, caller: Reader) -> AsyncIterator[ServerSentEvent]:
        """Server-sent events `jobs`: the list of the jobs that run, whenever it changes."""
        async for jobs in looks.lists_of_running(services, caller):
            yield ServerSentEvent(event="jobs", data=[job.model_dump(mode="json") for job in jobs])
