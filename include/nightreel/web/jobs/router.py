"""Starts conversions of titles whose sources are already there, and follows them."""

from typing import Annotated

from fastapi import APIRouter, Form, Request

from nightreel.web.access import Converter
from nightreel.web.conversions import require_source, start_conversion
from nightreel.web.jobs.encoding import add_encoding_routes
from nightreel.web.jobs.looks import JobLooks
from nightreel.web.jobs.models import JobStarted
from nightreel.web.jobs.status_routes import add_status_routes, started, status_dependency
from nightreel.web.problems import documented
from nightreel.web.services import GivenServices
from nightreel.web.title_lookup import CONTENT_ID_PATTERN, CONTENT_TYPE_PATTERN, mapped_title


def jobs_router() -> APIRouter:
    """One per app, whose clients share what they see of a job."""
    router, looks = APIRouter(tags=["jobs"]), JobLooks()
    known_status = status_dependency(looks)
    _add_conversion(router)
    add_status_routes(router, looks, known_status)
    add_encoding_routes(router, known_status)
    return router


def _add_conversion(router: APIRouter) -> None:
    @router.post(
        "/api/v1/video/convert-existing-video",
        summary="Convert a title of the catalog",
        responses=documented(400, 401, 403, 404, 409, 422, 502, 503),
    )
    def convert_existing_video(
        request: Request,
        services: GivenServices,
        caller: Converter,
        content_type: Annotated[str, Form(pattern=CONTENT_TYPE_PATTERN, examples=["movie"])],
        content_id: Annotated[str, Form(pattern=CONTENT_ID_PATTERN, examples=["123"])],
        force: Annotated[bool, Form(description="Also if it is published or was refused.")] = False,
        encrypt: Annotated[bool | None, Form(description="Applies to later conversions too.")] = None,
    ) -> JobStarted:
        """Queues the conversion of a title that is in the catalog with its source."""
        title = mapped_title(services, content_type, content_id)
        require_source(services, title)
        run_id = start_conversion(services, caller, title, force=force, encrypt=encrypt)
        return started(request, run_id)
