"""The encoding service's API: a source in the bucket, given by its key, becomes a video, given by its id."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from nightreel.catalog.refusals import RowRefused
from nightreel.vocabulary.title import Title
from nightreel.web.access import Converter, needs
from nightreel.web.conversions import start_conversion
from nightreel.web.jobs.models import EncodingRequest, EncodingTask, JobState, JobStatus, TaskStatus
from nightreel.web.jobs.status_routes import StatusOf
from nightreel.web.problems import Problem, documented
from nightreel.web.services import GivenServices, Services
from nightreel.web.title_lookup import require_mapped, title_from

PUBLISHED_UNDER = "X-Published-Under"
"""The header that says under which URL the streams will be."""

_TASK_STATUS: dict[JobState, TaskStatus] = {
    "queued": "PENDING",
    "processing": "STARTED",
    "completed": "SUCCESS",
    "failed": "FAILURE",
}
_STARTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The id of the task",
        "content": {"application/json": {"example": "api__movie_123__6f2c1a9b04de"}},
        "headers": {
            PUBLISHED_UNDER: {
                "description": "Where the streams will be read, whatever base_url says",
                "schema": {"type": "string"},
            }
        },
    }
}


def add_encoding_routes(router: APIRouter, known_status: StatusOf) -> None:
    """`known_status` is the dependency that finds the status of the job in a path."""

    @router.post(
        "/video/encoding",
        summary="Convert an object in the bucket",
        responses=_STARTED | documented(401, 403, 404, 409, 422, 502, 503),
    )
    def begin_encoding(
        response: Response,
        services: GivenServices,
        caller: Converter,
        asked: EncodingRequest,
    ) -> str:
        """Makes the object the source of the title `video_id`, and queues its conversion.

        The streams are published in the bucket that Nightreel was set up with, and their manifests
        hold relative paths. So `base_url` changes nothing: it should lead to that bucket, and where
        it is not below the URL in the header X-Published-Under, players need a way from it to there.
        """
        title = _title(services, asked)
        if services.bucket.head(asked.object_key) is None:
            raise Problem(404, "No such object", f"The bucket has no object {asked.object_key!r}.")
        try:
            services.catalog.titles.set_source(title, asked.object_key, str(title))
        except RowRefused as error:
            raise Problem(422, "The catalog refused it", f"{error}.") from error
        response.headers[PUBLISHED_UNDER] = services.bucket.public_url
        return start_conversion(services, caller, title, sound=asked.has_audio)

    @router.get(
        "/video/encoding/{job_id}",
        summary="Get an encoding's progress",
        responses=documented(401, 403, 404, 422, 502, 503),
        dependencies=[needs("read")],
    )
    async def encoding_task(status: Annotated[JobStatus, Depends(known_status)]) -> EncodingTask:
        """Get an encoding's progress."""
        result = status.error if status.status == "failed" else None
        return EncodingTask(
            task_id=status.job_id,
            task_status=_TASK_STATUS[status.status],
            task_result=str(status.content_id) if status.status == "completed" else result,
        )


def _title(services: Services, asked: EncodingRequest) -> Title:
    content_type = asked.content_type or services.default_content_type
    require_mapped(services, content_type)
    return title_from(content_type, asked.video_id)
