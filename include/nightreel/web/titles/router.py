"""Titles: the library's pages, and one title with its history."""

from math import ceil
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response

from nightreel.catalog import LibraryQuery, TitleRecord
from nightreel.vocabulary.states import State
from nightreel.vocabulary.title import Title
from nightreel.web.access import needs
from nightreel.web.problems import documented
from nightreel.web.services import GivenServices, Services
from nightreel.web.title_lookup import TITLE_PATH, ContentId, ContentType, known_title, require_mapped
from nightreel.web.titles.decisions import add_decision_routes
from nightreel.web.titles.models import AttemptRecord, VideoDetail, VideoRecord

_LAST_PAGE = 10**9


def titles_router() -> APIRouter:
    """Titles, and decisions about them."""
    router = APIRouter(tags=["titles"])

    @router.get(
        "/videos",
        summary="List titles",
        responses=documented(401, 403, 422, 503),
        dependencies=[needs("read")],
    )
    def list_titles(
        request: Request,
        response: Response,
        services: GivenServices,
        state: Annotated[list[State | Literal[""]] | None, Query(examples=[["published"]])] = None,
        content_type: Annotated[str, Query(examples=["movie"])] = "",
        q: Annotated[str, Query(max_length=200, description="In the name or the id.")] = "",
        page: Annotated[int, Query(ge=1, le=_LAST_PAGE)] = 1,
        per_page: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> list[VideoRecord]:
        """A page of all titles: those in progress first, then by their latest change.

        `X-Total-Count` says how many there are in all; `Link` (RFC 8288) leads to the other pages.
        """
        if content_type:
            require_mapped(services, content_type)
        found = services.catalog.library.page(
            LibraryQuery(
                states=tuple(each for each in state or () if each) or None,
                content_type=content_type or None,
                text=q or None,
                limit=per_page,
                offset=(page - 1) * per_page,
            )
        )
        response.headers["X-Total-Count"] = str(found.total)
        response.headers["Link"] = _links(request, page, per_page, found.total)
        return [VideoRecord.of(record, _page(request, services, record)) for record in found.records]

    @router.get(
        TITLE_PATH,
        summary="Get a title and its history",
        responses=documented(401, 403, 404, 422, 503),
        dependencies=[needs("read")],
    )
    def read_title(
        request: Request, services: GivenServices, content_type: ContentType, content_id: ContentId
    ) -> VideoDetail:
        """One title, and every attempt to convert it."""
        title, record = known_title(services, content_type, content_id)
        return VideoDetail(
            **VideoRecord.fields_of(record, _page(request, services, record)),
            history=tuple(
                AttemptRecord.of(
                    attempt,
                    report=_report(request, services, title, attempt.release),
                    run_page=services.attempt_page(attempt),
                )
                for attempt in services.catalog.attempts.of(title)
            ),
        )

    add_decision_routes(router)
    return router


def _links(request: Request, page: int, per_page: int, total: int) -> str:
    """The other pages. References are relative, so that they hold behind any proxy."""
    last = max(1, ceil(total / per_page))
    pages = {"first": 1, "prev": min(page - 1, last), "next": page + 1, "last": last}
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "page"]
    return ", ".join(
        f'<?{urlencode([*kept, ("page", number)])}>; rel="{relation}"'
        for relation, number in pages.items()
        if 1 <= number <= last
    )


def _page(request: Request, services: Services, record: TitleRecord) -> str:
    return quote(f"{_root(request)}/titles/{record.content_type}/{record.content_id}")


def _report(request: Request, services: Services, title: Title, release: str) -> str | None:
    below = f"{title.content_type}/{title.content_id}/{release}/index.html"
    if not (services.settings.reports / below).is_file():
        return None
    return f"{_root(request)}/reports/{below}"


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))
