"""What a person decides about a title: converting it, lifting a verdict, deleting its releases."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Request

from nightreel.cloudflare import Cloudflare
from nightreel.encryption import require_encryption
from nightreel.errors import ConfigurationError
from nightreel.media.planning.ladder import load_ladder
from nightreel.releases.takedown import take_down
from nightreel.releases.withdrawal import TitleInWork
from nightreel.runs.request import ConversionRequest
from nightreel.settings import Settings
from nightreel.vocabulary.title import Title
from nightreel.web.access import Converter, needs
from nightreel.web.conversions import require_source, start_conversion
from nightreel.web.jobs.models import JobStarted
from nightreel.web.jobs.status_routes import started
from nightreel.web.problems import Problem, documented
from nightreel.web.services import GivenServices
from nightreel.web.title_lookup import (
    TITLE_PATH,
    ContentId,
    ContentType,
    known_title,
    mapped_title,
    require_mapped,
)
from nightreel.web.titles.models import AllRequeued, Caches, ConversionOrder, Requeued, Withdrawn
from nightreel.web.titles.purging import add_purge_routes


def add_decision_routes(router: APIRouter) -> None:
    """Adds the routes that change a title."""

    @router.post(
        f"{TITLE_PATH}/convert",
        summary="Convert a title",
        status_code=202,
        responses=documented(400, 401, 403, 404, 409, 422, 502, 503),
    )
    def convert_title(
        request: Request,
        services: GivenServices,
        caller: Converter,
        content_type: ContentType,
        content_id: ContentId,
        order: Annotated[ConversionOrder | None, Body()] = None,
    ) -> JobStarted:
        """Queues the conversion of a title. 409 while a run works on it, or when it has no source.

        A title that has only a first release gets what it lacks; the tracks that it has are kept.
        """
        title, record = known_title(services, content_type, content_id)
        if record.state == "claimed" and record.run_id is not None:
            raise Problem(409, "In work", f"{title} is being converted already.", job_id=record.run_id)
        require_source(services, title)
        order = order or ConversionOrder()
        _require_possible(title, order, services.settings)
        run_id = start_conversion(
            services,
            caller,
            title,
            force=order.force,
            first=order.first,
            encrypt=order.encrypt,
            ladder=order.ladder,
        )
        return started(request, run_id)

    @router.post(
        f"{TITLE_PATH}/requeue",
        summary="Put a title back into the backlog",
        responses=documented(401, 403, 404, 409, 422, 503),
        dependencies=[needs("convert")],
    )
    def requeue_title(services: GivenServices, content_type: ContentType, content_id: ContentId) -> Requeued:
        """Puts a quarantined or failed title back into the backlog, for the next night to take."""
        title, _ = known_title(services, content_type, content_id)
        if not services.catalog.verdicts.requeue(title):
            raise Problem(409, "Nothing to requeue", f"{title} is neither quarantined nor failed.")
        return Requeued(message=f"{title} is back in the backlog.")

    @router.post(
        "/videos/requeue",
        summary="Put all failed titles back into the backlog",
        responses=documented(401, 403, 422, 503),
        dependencies=[needs("convert")],
    )
    def requeue_titles(
        services: GivenServices,
        state: Annotated[Literal["failed"], Query(examples=["failed"])],
        content_type: Annotated[str, Query(examples=["movie"])] = "",
    ) -> AllRequeued:
        """Puts all titles that failed, or those of one type, back into the backlog."""
        if content_type:
            require_mapped(services, content_type)
        count = services.catalog.verdicts.requeue_failed(content_type or None)
        titles = "1 title is" if count == 1 else f"{count} titles are"
        return AllRequeued(message=f"{titles} back in the backlog.", count=count)

    @router.delete(
        TITLE_PATH,
        summary="Delete a title's releases",
        responses=documented(401, 403, 404, 409, 422, 503),
        dependencies=[needs("convert")],
    )
    def delete_releases(
        services: GivenServices, content_type: ContentType, content_id: ContentId
    ) -> Withdrawn:
        """Deletes a title's releases: what leads to them first, then their files. May be repeated.

        Their segments may stay in caches for a year. Cloudflare's is purged where it is set up;
        `caches` says whether that worked, and how to purge by hand.
        Its source stays. The title is quarantined, so that no night brings it back unasked.
        """
        title = mapped_title(services, content_type, content_id)
        try:
            cloudflare = Cloudflare.from_settings(services.settings)
            count, caches = take_down(services.catalog, services.bucket, title, cloudflare)
        except TitleInWork as error:
            raise Problem(409, "In work", f"{error}; stop that run, or wait for its end.") from None
        return Withdrawn(
            message=f"The releases of {title} are deleted; requeue it to bring it back. {caches.sentence}",
            files_deleted=count,
            caches=Caches.of(caches),
        )

    add_purge_routes(router)


def _require_possible(title: Title, order: ConversionOrder, settings: Settings) -> None:
    """Raises Problem 422 for choices that contradict each other and for rungs that the ladder lacks,
    409 when nothing can be encrypted."""
    try:
        ConversionRequest(title, first=order.first, ladder=order.ladder)
    except ConfigurationError as error:
        raise Problem(422, "Contradicting choices", f"{error}.") from None
    if order.ladder:
        try:
            load_ladder(settings.ladder).only(order.ladder)
        except ConfigurationError as error:
            raise Problem(422, "No such rung", str(error)) from None
    if order.encrypt:
        try:
            require_encryption(settings)
        except ConfigurationError as error:
            raise Problem(409, "Encryption is not set up", str(error)) from None
